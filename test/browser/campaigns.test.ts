import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type WorkerProcess, workerProcess } from '../support/worker-process.ts';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
let worker: WorkerProcess;

beforeAll(async () => {
  dashboard = await startDashboard();
  const put = async (path: string, body: object) => {
    const answer = await dashboard.api.request('PUT', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  };
  await put('/v1/templates/spring', {
    channels: {
      in_app: {
        en: { title: 'Spring sale in {{ city }}', body: 'Hello {{ name }}, everything is cheaper.' },
        de: { title: 'Sonderverkauf in {{ city }}', body: 'Hallo {{ name }}, alles ist billiger.' },
      },
      email: {
        en: {
          subject: 'Spring sale, {{ name }}',
          text: 'Hello {{ name }} in {{ city }}',
          html: '<h1>Hello {{ name }}</h1><p>It is spring in {{ city }}.</p>',
        },
      },
    },
  });
  await put('/v1/templates/plain', {
    channels: { in_app: { en: { title: 'News', body: 'There is news.' } } },
  });
  await put('/v1/categories/offers', { delivery_policy: 'resolve', unsubscribable: true });
  await put('/v1/categories/invoices', { delivery_policy: 'resolve' });
  for (const [n, name] of ['Ada', 'Bob', 'Cleo', 'Dan'].entries())
    await put(`/v1/recipients/user_${n + 1}`, {
      email: `${name.toLowerCase()}@example.com`,
      locale: n === 1 ? 'de' : 'en',
      time_zone: 'Europe/Berlin',
      attributes: { plan: 'pro', ...(name !== 'Dan' && { name }) },
    });
  for (let n = 0; n < 60; n++)
    await put(`/v1/recipients/free_${n}`, { attributes: { plan: 'free', name: `Person ${n}` } });
  await put('/v1/audiences/customers', {
    name: 'Paying customers',
    filter: { field: 'attributes.plan', op: 'eq', value: 'pro' },
  });
  const { redis } = dashboard;
  worker = await workerProcess(
    { databaseUrl: dashboard.databaseUrl, redisUrl: redis.url, namespace: redis.namespace },
    [{ id: 'inbox', provider: 'inbox', environments: ['live'] }],
    ['critical', 'normal', 'bulk'],
  );
}, 120_000);
afterEach(() => dashboard.leave());
afterAll(async () => {
  await worker?.stop();
  await dashboard?.stop();
});

const api = async (method: string, path: string, body?: object) => {
  const answer = await dashboard.api.request(method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};
const choose = async (page: Page, label: string, option: string | RegExp) => {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option }).first().click();
};
const variable = (page: Page, name: string) =>
  page.getByRole('combobox', { name: `${name} is the recipient's` });
const idOf = (page: Page): string => /campaigns\/([0-9a-f-]{36})/.exec(page.url())![1]!;
const campaign = (id: string) => api('GET', `/v1/campaigns/${id}`);
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
/** A draft that could be scheduled, with changes. */
const draft = (fields: object = {}): Promise<{ id: string }> =>
  api('POST', '/v1/campaigns', {
    name: 'News of the week',
    template: 'plain',
    channel: 'in_app',
    audience: { filter: { field: 'attributes.plan', op: 'eq', value: 'free' } },
    ...fields,
  });
/** Slow enough to be looked at: one message a second. */
const slow = () => draft({ name: 'A slow one', throttle_per_minute: 60 });

describe('a marketer', () => {
  test('writes a campaign, reviews it, sends it, watches it end and sees exactly who was left out', async () => {
    const { page, complaints } = await dashboard.signIn('marketer', '/campaigns');
    await page.getByRole('button', { name: 'New campaign' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Spring sale');
    await confirm(page, 'Begin');
    await choose(page, 'Template', 'spring');
    await choose(page, 'Channels', 'In-app');
    await page.keyboard.press('Escape');
    await choose(page, 'Category', 'offers');
    await variable(page, 'name').fill('attributes.name');
    await page.getByLabel('The same for everybody').fill('{ "city": "Berlin" }');
    await page.getByRole('button', { name: 'Save and go on' }).click();

    await choose(page, 'Audience', /Paying customers/);
    await page.getByText('about 4 recipients', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save and go on' }).click();

    await page.getByLabel('As soon as you schedule it').waitFor();
    await page.getByRole('button', { name: 'Save and go on' }).click();

    const audience = page.getByRole('table', { name: 'The audience' });
    await audience.getByRole('row', { name: 'Recipients of the audience 4' }).waitFor();
    await audience.getByRole('row', { name: 'Reachable by In-app 4' }).waitFor();
    await page.getByRole('row', { name: /^Without name .* 1$/ }).waitFor();
    await page.getByRole('button', { name: 'Send to at most 4 people' }).click();
    await confirm(page, 'Send it now');

    await page.getByRole('heading', { name: 'Spring sale', exact: true }).waitFor();
    await page.getByText('4 of 4 recipients are through').waitFor({ timeout: 30_000 });
    await page.getByText('Done', { exact: true }).waitFor();
    const id = idOf(page);
    const { counts, state } = await campaign(id);
    expect(state).toBe('done');
    expect(counts).toMatchObject({ planned: 4, made: 3, delivered: 3, not_made: { missing_variable: 1 } });

    await page.getByRole('link', { name: '1: Variable is missing, see who' }).click();
    const people = page.getByRole('table', { name: 'Recipients of the campaign' });
    await people.getByRole('link', { name: 'user_4', exact: true }).waitFor();
    expect(await people.getByRole('row').count()).toBe(2);
    await page.goBack();
    await page.getByRole('link', { name: '3: Delivered, see who' }).click();
    for (const user of ['user_1', 'user_2', 'user_3'])
      await people.getByRole('link', { name: user, exact: true }).waitFor();
    expect(await people.getByRole('row').count()).toBe(4);

    // The file has the people of the figure that is shown.
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('campaign-recipients.csv');
    let text = '';
    for await (const part of await file.createReadStream()) text += part;
    const [head, ...rows] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^recipient_id,state,reason,/);
    expect(rows.map((row) => row.split(',').slice(0, 2).join(' ')).sort()).toEqual([
      'user_1 delivered',
      'user_2 delivered',
      'user_3 delivered',
    ]);
    expect(complaints).toEqual([]);
  }, 90_000);

  test('pauses, speeds up, resumes and cancels a campaign that runs', async () => {
    const { id } = await slow();
    await api('POST', `/v1/campaigns/${id}/schedule`, {});
    const { page, complaints } = await dashboard.signIn('marketer', `/campaigns/${id}`);
    await page.getByText('Running', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('The link is wrong');
    await confirm(page, 'Pause it');
    await page.getByText('Paused: The link is wrong').waitFor();
    expect((await campaign(id)).state).toBe('paused');

    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Messages a minute, at most').fill('120');
    await confirm(page, 'Change it');
    await page.getByText('at most 120 a minute').waitFor();
    expect((await campaign(id)).throttle_per_minute).toBe(120);

    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await confirm(page, 'Resume it');
    await page.getByText('Running', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await confirm(page, 'Cancel the campaign');
    await page.getByText(/It was stopped for good/).waitFor();
    const { state, counts } = await campaign(id);
    expect(state).toBe('cancelled');
    expect(counts.delivered).toBeLessThan(60);

    // Those who have not had it get a draft of their own.
    await page.getByRole('button', { name: 'Make a follow-up' }).click();
    await confirm(page, 'Begin');
    await page.getByRole('heading', { name: 'A slow one, follow-up' }).waitFor();
    expect(await campaign(idOf(page))).toMatchObject({
      state: 'draft',
      template: 'plain',
      audience: { filter: { campaign: id, is: 'not_made' } },
    });
    expect(complaints).toEqual([]);
  }, 60_000);

  test('reads the exact reasons why a campaign cannot be scheduled, each with the step that mends it', async () => {
    const { id } = await draft({
      template: 'spring',
      data: { city: 'Berlin' },
      variables: { name: 'attributes.nickname' },
    });
    const { page } = await dashboard.signIn('marketer', `/campaigns/${id}/edit?step=review`);
    const reasons = page.getByRole('list', { name: 'Why it cannot be scheduled' });
    await page.getByRole('link', { name: '4 Review' }).waitFor();
    expect(await page.getByRole('link', { name: '4 Review' }).getAttribute('aria-current')).toBe('page');
    await reasons
      .getByText(/The template needs "name", which none of the 60 recipients selected has/)
      .waitFor();
    expect(await page.getByRole('button', { name: /^Send to/ }).isDisabled()).toBe(true);
    await reasons.getByRole('link', { name: 'Go to content' }).click();
    await variable(page, 'name').fill('attributes.name');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: '2 Audience' }).click();
    await page.getByText('Conditions', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Value 1', exact: true }).fill('gold');
    await page.getByText('about 0 recipients', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: '4 Review' }).click();
    await reasons.getByText(/The audience selects nobody/).waitFor();
    await page.getByRole('link', { name: '3 Schedule' }).click();
    await page.getByLabel('At a time, the same for everybody').check();
    await page.getByRole('link', { name: '4 Review' }).click();
    await reasons.getByText('Choose a time, or send it now.').waitFor();
  });

  test('steps through the people of the audience and sees what each would get', async () => {
    const { id } = await draft({
      template: 'spring',
      data: { city: 'Berlin', name: 'friend' },
      variables: { name: 'attributes.name' },
      route: ['in_app', 'email'],
      channel: undefined,
      category: 'offers',
      audience: { audience: 'customers' },
    });
    const { page, complaints } = await dashboard.signIn('marketer', `/campaigns/${id}/edit?step=review`);
    const preview = page.getByRole('region', { name: 'Preview as each person' });
    await preview.getByText('Hello Ada, everything is cheaper.').waitFor();
    await preview.getByRole('button', { name: 'Next person' }).click();
    await preview.getByText('Hallo Bob, alles ist billiger.').waitFor();
    await page.keyboard.press('ArrowRight');
    await preview.getByText('Hello Cleo, everything is cheaper.').waitFor();
    await preview.getByText('E-mail', { exact: true }).click();
    await preview.getByText('Spring sale, Cleo').waitFor();
    await page.frameLocator('.message-frame').getByRole('heading', { name: 'Hello Cleo' }).waitFor();
    await preview.getByRole('button', { name: 'Next person' }).focus();
    await page.keyboard.press('ArrowRight');
    await preview.getByText('Spring sale, friend').waitFor();

    await page.getByRole('button', { name: 'Send a test' }).click();
    await page
      .getByRole('dialog')
      .getByLabel(/^Recipients/)
      .fill('user_1');
    await confirm(page, 'Send the test');
    await page.getByRole('link', { name: 'see the message' }).waitFor();
    expect(await campaign(id)).toMatchObject({ state: 'draft', counts: { made: 0 } });
    expect(complaints).toEqual([]);
  });

  test('who writes a draft beside another sees what changed, and nothing is overwritten', async () => {
    const { id } = await draft();
    const { page } = await dashboard.signIn('marketer', `/campaigns/${id}/edit?step=schedule`);
    await page.getByLabel('Messages a minute, at most').fill('500');
    await api('PATCH', `/v1/campaigns/${id}`, { name: 'Renamed by another' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const who = (await campaign(id)).updated_by;
    expect(who).toMatch(/^key:/);
    const clash = page.getByRole('alert').filter({ hasText: `${who} changed this campaign meanwhile` });
    await clash.getByText('name: Renamed by another').waitFor();
    expect(await campaign(id)).toMatchObject({ name: 'Renamed by another', throttle_per_minute: null });
    await clash.getByRole('button', { name: 'Save what I wrote on this step' }).click();
    await page.getByRole('heading', { name: 'Renamed by another' }).waitFor();
    expect(await campaign(id)).toMatchObject({ name: 'Renamed by another', throttle_per_minute: 500 });
  });

  test('sees that an app asks for an approval, who gave it, and that nobody gives it to what they wrote', async () => {
    const { id } = await draft();
    const at = `/campaigns/${id}/edit?step=review`;
    const approval = (page: Page) => page.getByRole('region', { name: 'Approval' });
    const asks = (wanted: boolean) =>
      dashboard.db.sql`update apps set approves_campaigns = ${wanted} where id = ${dashboard.appId}`;
    const author = (await dashboard.signIn('marketer', at)).page;
    await approval(author).getByText('This app does not ask for an approval.').waitFor();
    await asks(true);
    try {
      await author.goto(`${dashboard.url}/campaigns/${id}/edit?step=schedule`);
      await author.getByLabel('Messages a minute, at most').fill('400');
      await author.getByRole('button', { name: 'Save', exact: true }).click();
      await until('the rate', async () => (await campaign(id)).throttle_per_minute === 400);
      await author.goto(dashboard.url + at);
      await approval(author).getByText('Needs an approval').waitFor();
      expect(await approval(author).getByRole('button', { name: 'Approve' }).count()).toBe(0);

      const other = (await dashboard.signIn('admin', at)).page;
      await approval(other).getByRole('button', { name: 'Approve' }).click();
      await confirm(other, 'Approve it');
      await approval(other).getByText('By admin@example.com, exactly as it is now.').waitFor();
      expect(await campaign(id)).toMatchObject({
        needs_approval: true,
        approved_by: 'staff:admin@example.com',
        updated_by: 'staff:marketer@example.com',
      });
    } finally {
      await asks(false);
    }
  });

  test('plans a local time for each recipient and finds the campaign among what is to come', async () => {
    const { id } = await draft({ name: 'New year', audience: { audience: 'customers' } });
    const { page } = await dashboard.signIn('marketer', `/campaigns/${id}/edit?step=schedule`);
    await page.getByLabel('At a time on the clock of each recipient').check();
    const year = new Date().getFullYear() + 1;
    await page.getByLabel('Local time').fill(`${year}-01-01T09:00`);
    await page.getByLabel('does not get it').check();
    await page.getByRole('button', { name: 'Save and go on' }).click();
    await page.getByRole('button', { name: 'Schedule for 4 people' }).click();
    await confirm(page, 'Schedule it');
    await page.getByText('It has not started yet.').waitFor();
    expect(await campaign(id)).toMatchObject({
      state: 'scheduled',
      schedule: { send_at: `${year}-01-01T09:00:00`, in_recipient_time_zone: true, late: 'skip' },
    });
    await page.goto(`${dashboard.url}/campaigns`);
    await page.getByText('What is to come', { exact: true }).click();
    await page.getByRole('link', { name: 'New year' }).waitFor();
    await page.getByText(/4 recipients · customers/).waitFor();
    await api('POST', `/v1/campaigns/${id}/cancel`, {});
  });
});

describe('a viewer', () => {
  test('sees campaigns and is offered no change', async () => {
    const { id } = await draft();
    const { page } = await dashboard.signIn('viewer', `/campaigns/${id}/edit`);
    await page.getByRole('heading', { name: 'News of the week' }).waitFor();
    for (const name of ['Save', 'Save and go on', 'Delete'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
    await page.goto(`${dashboard.url}/campaigns`);
    await page.getByRole('table', { name: 'Campaigns' }).waitFor();
    expect(await page.getByRole('button', { name: 'New campaign' }).count()).toBe(0);
  });
});

describe('the pages of campaigns are good in both schemes and widths', () => {
  let running: string;
  let compared: string;
  let written: string;
  beforeAll(async () => {
    const variants = [
      { key: 'short', template: 'plain', weight: 2 },
      { key: 'long', template: 'spring', weight: 1 },
    ];
    const fields = { variants, template: undefined, variables: { name: 'attributes.name' } };
    compared = (await draft({ ...fields, name: 'Two texts', data: { city: 'Rome' }, holdout_percent: 20 }))
      .id;
    await api('POST', `/v1/campaigns/${compared}/schedule`, {});
    await until('it to end', async () => (await campaign(compared)).state === 'done', { timeoutMs: 60_000 });
    running = (await slow()).id;
    await api('POST', `/v1/campaigns/${running}/schedule`, {});
    await api('POST', `/v1/campaigns/${running}/pause`, { reason: 'Too many of the first messages failed' });
    written = (
      await draft({
        name: 'Spring sale for all',
        template: 'spring',
        data: { city: 'Berlin' },
        variables: { name: 'attributes.name' },
        audience: { audience: 'customers' },
        throttle_per_minute: 1_000,
      })
    ).id;
    const later = await draft({ name: 'In a month' });
    await api('POST', `/v1/campaigns/${later.id}/schedule`, {
      send_at: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    });
  }, 120_000);

  test.each<[name: string, at: () => string, ready: (page: Page) => Promise<unknown>]>([
    ['campaigns', () => '/campaigns', (page) => page.getByRole('link', { name: 'Two texts' }).waitFor()],
    [
      'campaigns-upcoming',
      () => '/campaigns?view=upcoming',
      (page) =>
        page
          .getByText(/60 recipients/)
          .first()
          .waitFor(),
    ],
    [
      'campaign-paused',
      () => `/campaigns/${running}`,
      (page) => page.getByText(/Paused: Too many/).waitFor(),
    ],
    [
      'campaign-variants',
      () => `/campaigns/${compared}`,
      (page) => page.getByRole('table', { name: 'Variants' }).waitFor(),
    ],
    [
      'campaign-recipients',
      () => `/campaigns/${compared}/recipients?state=not_made`,
      (page) => page.getByText('Held out').first().waitFor(),
    ],
    ['campaign-content', () => `/campaigns/${written}/edit`, (page) => variable(page, 'name').waitFor()],
    [
      'campaign-audience',
      () => `/campaigns/${written}/edit?step=audience`,
      (page) => page.getByText('about 4 recipients', { exact: true }).waitFor(),
    ],
    [
      'campaign-schedule',
      () => `/campaigns/${written}/edit?step=schedule&when=local&at=2030-12-24T09:00:00`,
      (page) => page.getByLabel('Local time').waitFor(),
    ],
    [
      'campaign-review',
      () => `/campaigns/${written}/edit?step=review`,
      (page) => page.getByText('Hello Ada, everything is cheaper.').waitFor(),
    ],
  ])('%s', (name, at, ready) => expectGoodPage(dashboard, 'marketer', at(), name, ready));
});
