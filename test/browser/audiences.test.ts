import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from './accessibility.ts';
import { expectGoodPage, picture, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
/** A campaign that has not started and is for the audience "regulars". */
let campaignId: string;

const api = async (method: string, path: string, body?: object) => {
  const answer = await dashboard.api.request(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};
const PRO = { field: 'attributes.plan', op: 'eq', value: 'pro' };

beforeAll(async () => {
  dashboard = await startDashboard();
  const { appId, db } = dashboard;
  await db.sql`
    insert into recipients (app_id, environment, id, locale, attributes)
    select ${appId}, 'live', 'user_' || n, case when n % 4 = 0 then 'de' else 'en' end, jsonb_build_object(
      'plan', case when n % 3 = 0 then 'pro' else 'free' end, 'age', 20 + n,
      'city', case when n % 2 = 0 then 'Berlin' else 'Osaka' end, 'vip', n < 5
    ) from generate_series(1, 24) n`;
  await db.sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    select ${appId}, 'live', 'user_' || n, 'email', 'person' || n || '@example.com' from generate_series(2, 24, 2) n`;
  await api('PUT', '/v1/categories/offers', { delivery_policy: 'resolve', unsubscribable: true });
  await api('PUT', '/v1/audiences/staff', { name: 'Our staff', recipient_ids: ['user_1', 'user_2'] });
  await api('PUT', '/v1/audiences/regulars', { name: 'Regulars', filter: PRO });
  const { id } = await api('POST', '/v1/campaigns', {
    name: 'Spring sale',
    audience: { audience: 'regulars' },
  });
  campaignId = id;
}, 240_000);
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const filterOf = async (key: string) => (await api('GET', `/v1/audiences/${key}`)).filter;
const status = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text });
const field = (page: Page, place: string) =>
  page.getByRole('combobox', { name: `Field ${place}`, exact: true });
const value = (page: Page, place: string) => page.locator(`input[aria-label="Value ${place}"]`);

/** Runs in the page. */
const hasFocus = (element: unknown): boolean =>
  element === (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement;

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, to: Locator): Promise<void> {
  // A radio of a segmented control is there and not seen: its label is.
  await to.waitFor({ state: 'attached' });
  for (let n = 0; n < 80; n++) {
    if (await to.evaluate(hasFocus)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${to}`);
}

/** Chooses an option of the select that has the focus. */
async function pick(page: Page, option: string): Promise<void> {
  const at = page.getByRole('option', { name: option, exact: true });
  if (!(await at.isVisible())) await page.keyboard.press('Enter');
  await at.waitFor();
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press('ArrowDown');
    if ((await at.getAttribute('data-combobox-selected')) === 'true') {
      await page.keyboard.press('Enter');
      return;
    }
  }
  throw new Error(`the keyboard does not reach the option ${option}`);
}

describe('a marketer', () => {
  test('builds a nested audience with the keyboard only, sees about how many and counts it exactly', async () => {
    const { page, complaints } = await dashboard.signIn('marketer', '/audiences');
    await tabTo(page, page.getByRole('button', { name: 'New audience' }));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Name').waitFor();
    await page.keyboard.type('Grown-ups in Berlin');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Grown-ups in Berlin', level: 1 }).waitFor();
    await status(page, 'about 24 recipients').waitFor();

    const press = async (name: string) => {
      await tabTo(page, page.getByRole('button', { name, exact: true }));
      await page.keyboard.press('Enter');
    };
    await press('Add a condition');
    await tabTo(page, field(page, '1'));
    await pick(page, 'city');
    await tabTo(page, value(page, '1'));
    await page.keyboard.type('Berlin');
    await status(page, 'about 12 recipients').waitFor();

    await press('Add a group');
    await tabTo(page, field(page, '2.1'));
    await pick(page, 'age');
    await tabTo(page, page.getByRole('combobox', { name: 'Comparison 2.1' }));
    await pick(page, 'is at least');
    await tabTo(page, value(page, '2.1'));
    await page.keyboard.type('40');
    await status(page, 'about 3 recipients').waitFor();

    await press('Add a group to group 2');
    await tabTo(
      page,
      page.getByRole('radiogroup', { name: /group 2\.2/ }).getByRole('radio', { checked: true }),
    );
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, field(page, '2.2.1'));
    await pick(page, 'Another audience');
    await tabTo(page, value(page, '2.2.1'));
    await pick(page, 'Our staff (staff)');
    await picture(page, 'audience-built');
    await expectAccessible(page);
    await press('Count exactly');
    await status(page, '11 recipients exactly').waitFor();
    await press('Save');
    await page.getByText('The audience is saved.').waitFor();
    expect(await filterOf('grown-ups-in-berlin')).toEqual({
      all: [
        { field: 'attributes.city', op: 'eq', value: 'Berlin' },
        {
          any: [{ field: 'attributes.age', op: 'gte', value: 40 }, { not: { any: [{ audience: 'staff' }] } }],
        },
      ],
    });
    // Counted again as it is saved, and kept for the list.
    await status(page, /11 recipients exactly, counted .* in/).waitFor();
    await expect
      .poll(async () => (await api('GET', '/v1/audiences/grown-ups-in-berlin')).last_count?.count, {
        timeout: 20_000,
      })
      .toBe(11);
    const channels = page.getByRole('table', { name: 'Reachable by channel' });
    await channels.getByRole('row', { name: 'E-mail 11 0 0 0 0' }).waitFor();
    await channels.getByRole('row', { name: 'SMS 0 0 11 0 0' }).waitFor();
    await page.getByRole('button', { name: 'Show some of them' }).click();
    await page
      .getByRole('table', { name: 'Some of these people' })
      .getByRole('link', { name: 'user_10' })
      .waitFor();
    await page.goto(`${dashboard.url}/audiences`);
    await page.getByRole('row', { name: /Grown-ups in Berlin.* 11 / }).waitFor();
    // It looked whether there is one with this key.
    expect(complaints.filter((each) => !each.includes('404'))).toEqual([]);
  }, 120_000);

  test('reads what is wrong at the condition that it is about', async () => {
    await api('PUT', '/v1/audiences/gone', { filter: PRO });
    await api('PUT', '/v1/audiences/wrong', { filter: { all: [PRO, { any: [PRO, PRO] }] } });
    const { page } = await dashboard.signIn('marketer', '/audiences/wrong');
    const choose = async (label: string, option: string) => {
      await page.getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option', { name: option, exact: true }).click();
    };
    // Of the API: the path leads to the field.
    await choose('Field 2.2', 'E-mail address');
    await value(page, '2.2').fill('nobody');
    const problem = page.getByText(/^"nobody" /);
    await problem.waitFor();
    expect(await value(page, '2.2').getAttribute('aria-invalid')).toBe('true');
    expect(await value(page, '1').getAttribute('aria-invalid')).not.toBe('true');
    await status(page, 'Not counted').waitFor();
    await picture(page, 'audience-error');
    await value(page, '2.2').fill('person2@example.com');
    await problem.waitFor({ state: 'detached' });
    // Of what another person deleted meanwhile.
    await choose('Field 2.1', 'Another audience');
    await choose('Value 2.1', 'gone');
    await api('DELETE', '/v1/audiences/gone');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page
      .getByRole('group', { name: 'Group 2' })
      .getByText(/there is no audience "gone"/)
      .waitFor();
    // Of the form: what is missing is said when it is sent.
    await page.getByRole('button', { name: 'Remove condition 2.1' }).click();
    await choose('Field 1', 'age');
    await value(page, '1').fill('forty');
    await page.getByText('“forty” is not a number.').waitFor();
    await value(page, '1').fill('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Give a value.').waitFor();
    expect(await filterOf('wrong')).toEqual({ all: [PRO, { any: [PRO, PRO] }] });
  });

  test('keeps what the form has no fields for, as JSON', async () => {
    const part = { field: 'attributes.size', op: 'in', value: ['s', 42] };
    await api('PUT', '/v1/audiences/made-by-api', { filter: { any: [{ not: part }, PRO] } });
    const { page } = await dashboard.signIn('marketer', '/audiences/made-by-api');
    await page.getByText('attributes.size is one of s, 42').waitFor();
    await page.getByText('"op": "in"').waitFor();
    await value(page, '2').fill('free');
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The audience is saved.').waitFor();
    expect(await filterOf('made-by-api')).toEqual({ any: [{ not: part }, { ...PRO, value: 'free' }] });
    await picture(page, 'audience-json');
  });

  test('chooses the people of a campaign, of whom a part had nothing of it', async () => {
    const { id } = await api('POST', '/v1/campaigns', {
      name: 'Winter sale',
      audience: { audience: 'regulars' },
    });
    await dashboard.db.sql`update campaigns set state = 'done' where id = ${id}`;
    await api('PUT', '/v1/audiences/after-winter', { filter: { all: [PRO] } });
    const { page } = await dashboard.signIn('marketer', '/audiences/after-winter');
    await page.getByRole('button', { name: 'Add a condition', exact: true }).click();
    await field(page, '2').click();
    await page.getByRole('option', { name: 'People of a campaign' }).click();
    await page.getByRole('combobox', { name: 'Comparison 2', exact: true }).click();
    await page.getByRole('option', { name: 'for whom it failed' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Choose a campaign.').waitFor();
    await page.getByRole('combobox', { name: 'Value 2', exact: true }).click();
    expect(await page.getByRole('option', { name: 'Spring sale' }).count()).toBe(0);
    await page.getByRole('option', { name: 'Winter sale' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The audience is saved.').waitFor();
    expect(await filterOf('after-winter')).toEqual({ all: [PRO, { campaign: id, is: 'failed' }] });
    await page.reload();
    await expect.poll(() => value(page, '2').inputValue()).toBe('Winter sale');
    await status(page, 'about 0 recipients').waitFor();
    await expectAccessible(page);
  });

  test('who edits an audience beside another sees what changed, and nothing is overwritten', async () => {
    await api('PUT', '/v1/audiences/shared', { name: 'Shared', filter: { all: [PRO] } });
    const { page } = await dashboard.signIn('marketer', '/audiences/shared');
    await value(page, '1').fill('free');
    await api('PUT', '/v1/audiences/shared', { name: 'Renamed', filter: { all: [PRO] } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const clash = page.getByRole('alert').filter({ hasText: 'changed this audience meanwhile' });
    await clash.getByText('Both changes fit together.').waitFor();
    await picture(page, 'audience-conflict');
    expect(await filterOf('shared')).toEqual({ all: [PRO] });
    await clash.getByRole('button', { name: 'Save both together' }).click();
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    expect(await api('GET', '/v1/audiences/shared')).toMatchObject({
      name: 'Renamed',
      filter: { all: [{ ...PRO, value: 'free' }] },
    });
    await value(page, '1').fill('gold');
    await api('PUT', '/v1/audiences/shared', { name: 'Renamed', filter: { all: [] } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await clash.getByText('Both changed the same: choose.').waitFor();
    await clash.getByRole('button', { name: 'Drop mine, go on with theirs' }).click();
    await page.getByText('No condition: everybody.').waitFor();
    expect(await filterOf('shared')).toEqual({ all: [] });
  });

  test('is refused to delete what a campaign uses, with the reason, and deletes what nothing uses', async () => {
    await api('PUT', '/v1/audiences/unused', { filter: PRO });
    const { page } = await dashboard.signIn('marketer', '/audiences/regulars');
    const dialog = page.getByRole('dialog');
    await page.getByRole('link', { name: 'Spring sale' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await dialog.getByText(/is used by campaign "Spring sale"/).waitFor();
    await picture(page, 'audience-in-use');
    expect(await filterOf('regulars')).toEqual(PRO);
    await page.goto(`${dashboard.url}/audiences/unused`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await page.getByRole('table', { name: 'Audiences' }).waitFor();
    expect((await dashboard.api.request('GET', '/v1/audiences/unused')).status).toBe(404);
  });

  test('uses an audience in a campaign, or builds one in its place with the same fields', async () => {
    const { page } = await dashboard.signIn('marketer', '/audiences/regulars');
    await page.getByRole('button', { name: 'New campaign for it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: 'For Regulars' }).waitFor();
    const id = /campaigns\/([0-9a-f-]{36})/.exec(page.url())![1]!;
    expect((await api('GET', `/v1/campaigns/${id}`)).audience).toEqual({ audience: 'regulars' });
    await page.getByRole('link', { name: '2 Audience' }).click();
    await status(page, 'about 8 recipients').waitFor();
    await page.getByText('Conditions', { exact: true }).click();
    await page.getByRole('button', { name: 'Add a condition' }).click();
    await field(page, '1').click();
    await page.getByRole('option', { name: 'vip', exact: true }).click();
    await value(page, '1').click();
    await page.getByRole('option', { name: 'yes', exact: true }).click();
    await status(page, 'about 4 recipients').waitFor();
    await picture(page, 'audience-in-campaign');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect
      .poll(async () => (await api('GET', `/v1/campaigns/${id}`)).audience, { timeout: 20_000 })
      .toEqual({ filter: { all: [{ field: 'attributes.vip', op: 'eq', value: true }] } });
  });

  test('fills a list by ids and by a file, and reads what became of each', async () => {
    const { page } = await dashboard.signIn('marketer', '/audiences');
    await page.getByRole('button', { name: 'New audience' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Testers');
    await dialog.getByLabel(/a list$/).check();
    await dialog.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('Nobody is in it yet').waitFor();
    await page.getByLabel('Ids of recipients').fill('user_1\nuser_2, nobody');
    await page.getByRole('button', { name: 'Add them' }).click();
    await page.getByText(/3 ids read, 2 changes\. 1 are ids that no recipient has/).waitFor();
    await status(page, '2 recipients exactly').waitFor();
    const file = {
      name: 'ids.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('id,plan\nuser_3,pro\nuser_4,free\n'),
    };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText('ids.csv: 2 ids').waitFor();
    await page.getByRole('button', { name: 'Add them' }).click();
    await status(page, '4 recipients exactly').waitFor();
    await page.getByText('Take out', { exact: true }).click();
    await page.getByLabel('Ids of recipients').fill('user_1');
    await page.getByRole('button', { name: 'Take them out' }).click();
    await status(page, '3 recipients exactly').waitFor();
    await page.getByText('Replace all', { exact: true }).click();
    await page.getByLabel('Ids of recipients').fill('user_9');
    await page.getByRole('button', { name: 'Replace the list' }).click();
    await dialog.getByRole('button', { name: 'Replace it' }).click();
    await status(page, '1 recipient exactly').waitFor();
    await page.getByRole('table', { name: 'Members' }).getByRole('link', { name: 'user_9' }).waitFor();
    expect(await api('GET', '/v1/audiences/testers')).toMatchObject({ name: 'Testers', kind: 'list' });
  });
});

test('a viewer sees audiences and is offered no change', async () => {
  const { page } = await dashboard.signIn('viewer', '/audiences/regulars');
  await status(page, 'about 8 recipients').waitFor();
  for (const name of ['Save', 'Delete', 'New campaign for it'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
  expect(await value(page, '1').isDisabled()).toBe(true);
  await page.goto(`${dashboard.url}/audiences`);
  await page.getByRole('table', { name: 'Audiences' }).waitFor();
  expect(await page.getByRole('button', { name: 'New audience' }).count()).toBe(0);
});

describe('the pages of audiences are good in both schemes and widths', () => {
  beforeAll(async () => {
    await api('PUT', '/v1/audiences/everything', {
      name: 'Every kind of condition',
      filter: {
        all: [
          { field: 'attributes.city', op: 'in', value: ['Berlin', 'Osaka'] },
          { field: 'attributes.signup', op: 'after', value: '2020-01-31T08:00:00Z' },
          { field: 'created_at', op: 'within_days', value: 30 },
          { field: 'category.offers', op: 'eq', value: true },
          { field: 'attributes.a_name_that_nobody_has', op: 'exists' },
          {
            any: [
              { field: 'push', op: 'exists' },
              { not: { any: [{ audience: 'staff' }, { field: 'id', op: 'starts_with', value: 'x' }] } },
            ],
          },
          { campaign: campaignId, is: 'not_made' },
        ],
      },
    });
    await api('GET', '/v1/audiences/regulars/count');
  });

  test.each<[name: string, at: () => string, ready: (page: Page) => Promise<unknown>]>([
    [
      'audiences',
      () => '/audiences',
      (page) => page.getByRole('link', { name: 'Regulars', exact: true }).waitFor(),
    ],
    [
      'audience-filter',
      () => '/audiences/everything',
      (page) => status(page, /about \d+ recipients/).waitFor(),
    ],
    [
      'audience-list',
      () => '/audiences/staff',
      (page) => page.getByRole('link', { name: 'user_1' }).waitFor(),
    ],
    [
      'audience-of-campaign',
      () => `/campaigns/${campaignId}/edit?step=audience`,
      (page) => status(page, 'about 8 recipients').waitFor(),
    ],
  ])('%s', (name, at, ready) => expectGoodPage(dashboard, 'marketer', at(), name, ready));
});
