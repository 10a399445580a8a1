import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from '../../apps/simulator/src/under-test.ts';
import { atOnce } from '../support/at-once.ts';
import { RESEND, TWILIO, writeAccounts } from './account-rows.ts';
import { startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
let simulator: SimulatorUnderTest;
beforeAll(async () => {
  [dashboard, simulator] = await Promise.all([startDashboard(), simulatorUnderTest()]);
});
beforeEach(async () => {
  const { sql } = dashboard.db;
  await sql`delete from provider_accounts`;
  await sql`delete from circuit_breakers`;
  await writeAccounts(sql, [RESEND, TWILIO]);
  await writeAccounts(sql, [{ ...RESEND, id: 'resend-file', baseUrl: simulator.httpUrl }], 'file');
  await sql`insert into circuit_breakers (account, channel) values ('resend-eu', 'email'), ('resend-gone', 'email')`;
});
afterEach(() => dashboard.leave());
afterAll(async () => {
  await dashboard?.stop();
  await simulator?.end();
});

const card = (page: Page, account: string) => page.getByRole('article', { name: account, exact: true });
const change = async (page: Page, account: string) => {
  await page.goto(`${dashboard.url}/providers`);
  await card(page, account).getByText('Change', { exact: true }).click();
  return card(page, account);
};
/** Without the time at which it was read. */
const rowOf = async (id: string) => {
  const found = await findProviderAccount(dashboard.db.sql, id);
  if (found === null) return null;
  const { now: _, ...row } = found;
  return row;
};
const audited = (id: string) =>
  dashboard.db.sql`
    select actor, action, detail ->> 'enabled' as enabled from audit_log
    where subject = ${`provider_account:${id}`} and actor like 'staff:%' order by id desc limit 1`;
const post = async (page: Page, path: string, form: Record<string, string>, origin = dashboard.url) => {
  const token = (await page.locator('input[name=token]').first().getAttribute('value'))!;
  return page.request.post(dashboard.url + path, {
    form: { token, ...form },
    headers: { origin },
    maxRedirects: 0,
  });
};

test('every account is listed by channel in the order tried, with its breaker', async () => {
  const { page, complaints } = await dashboard.logIn('viewer');
  await dashboard.db.sql`update provider_accounts set position = 5 where id = 'resend-file'`;
  await page.goto(`${dashboard.url}/providers`);
  const email = page.getByRole('region', { name: 'email' });
  expect(await email.getByRole('heading', { level: 3 }).allTextContents()).toEqual([
    'resend-file',
    'resend-eu',
    'resend-gone',
  ]);
  expect(await page.getByRole('region', { name: 'sms' }).getByRole('article').count()).toBe(1);

  const resend = (await card(page, 'resend-eu').textContent())!.replaceAll(/\s+/g, ' ');
  const { fingerprint } = (await rowOf('resend-eu'))!;
  for (const words of [
    'closed: in use',
    '10 a second',
    'Managed bypeople',
    `${fingerprint} sealed with development`,
    '/v1/receipts/resend/resend-eu',
  ])
    expect(resend).toContain(words);
  expect(await card(page, 'resend-file').getByText('PROVIDERS_FILE').isVisible()).toBe(true);
  expect(await card(page, 'twilio-eu').getByText('+44, +49').isVisible()).toBe(true);
  expect(await card(page, 'twilio-eu').getByText('no worker has it yet').isVisible()).toBe(true);
  expect(await card(page, 'resend-gone').getByText('no such account any more').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test('an admin disables an account, and the page shows it and the person', async () => {
  const { page, complaints } = await dashboard.logIn('admin');
  await (await change(page, 'resend-eu')).getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('status').getByText('resend-eu is disabled').waitFor();
  expect(await card(page, 'resend-eu').locator('.badge').first().textContent()).toBe('disabled');
  expect(await rowOf('resend-eu')).toMatchObject({ enabled: false, position: 10, managedBy: 'api' });
  expect(await audited('resend-eu')).toEqual([
    { actor: 'staff:admin@example.com', action: 'provider_account.put', enabled: 'false' },
  ]);

  await (await change(page, 'resend-eu')).getByRole('button', { name: 'Enable' }).click();
  await page.getByRole('status').getByText('resend-eu is enabled').waitFor();
  expect(await card(page, 'resend-eu').getByText('disabled').count()).toBe(0);
  expect(await rowOf('resend-eu')).toMatchObject({ enabled: true });
  expect(complaints).toEqual([]);
});

test('order, weight and limit are changed, and nothing else is', async () => {
  const { page } = await dashboard.logIn('admin');
  const before = (await rowOf('resend-eu'))!;
  const resend = await change(page, 'resend-eu');
  await resend.getByLabel('Order').fill('3');
  await resend.getByLabel('Weight').fill('7');
  await resend.getByLabel('Messages a second').fill('');
  await resend.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('resend-eu is saved').waitFor();
  const { updatedAt: _, ...after } = (await rowOf('resend-eu'))!;
  const { updatedAt: __, ...same } = before;
  expect(after).toEqual({ ...same, position: 3, weight: 7, ratePerSecond: null });
});

test('concurrent changes of an order, a switch and a setting all take effect', async () => {
  const { page } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers`);
  const settings = JSON.stringify({ from: 'Other <other@acme.example>' });
  const answers = await atOnce(
    dashboard.db.sql,
    { table: 'provider_accounts', id: 'resend-eu' },
    () => post(page, '/providers/resend-eu/placing', { order: '3', weight: '7', rate_per_second: '20' }),
    () => post(page, '/providers/resend-eu/disable', {}),
    () => post(page, '/providers/resend-eu/settings', { live: 'yes', settings }),
  );
  expect(answers.map((answer) => answer.status())).toEqual([303, 303, 303]);
  expect(await rowOf('resend-eu')).toMatchObject({
    enabled: false,
    position: 3,
    weight: 7,
    ratePerSecond: 20,
    settings: { from: 'Other <other@acme.example>' },
  });
});

test.each([
  [{ order: '1001', weight: '1' }, 'Order must be 1000 at most'],
  [{ order: '1', weight: '0' }, 'Weight must be 1 or more'],
  [{ order: '', weight: '1' }, 'Order must be a whole number'],
  [{ order: '1.5', weight: '1' }, 'Order must be a whole number'],
  [{ order: '1', weight: '1', rate_per_second: '-2' }, 'Messages a second must be above 0'],
  [{ order: '1', weight: '1', rate_per_second: 'many' }, 'Messages a second must be a number'],
])('a place of %j is refused past the browser too', async (form, words) => {
  const { page } = await dashboard.logIn('admin');
  const answer = await post(page, '/providers/resend-eu/placing', form as Record<string, string>);
  expect(answer.status()).toBe(422);
  expect(await answer.text()).toContain(words);
  expect(await rowOf('resend-eu')).toMatchObject({ position: 10, weight: 1, ratePerSecond: 10 });
});

test.each(['viewer', 'operator'] as const)(
  'an account has no form for the role %s, whatever is posted',
  async (role) => {
    const { page, complaints } = await dashboard.logIn(role);
    await page.goto(`${dashboard.url}/providers`);
    expect(await card(page, 'twilio-eu').getByText('twilio', { exact: true }).isVisible()).toBe(true);
    expect(
      await page.locator('article details, article input[type=number], a[href="/providers/new"]').count(),
    ).toBe(0);
    if (role === 'viewer') expect(await page.locator('article form').count()).toBe(0);

    const before = await rowOf('resend-eu');
    for (const deed of ['placing', 'disable', 'verify', 'settings', 'delete']) {
      const answer = await post(page, `/providers/resend-eu/${deed}`, {
        order: '1',
        weight: '1',
        confirmed: 'resend-eu',
        live: 'yes',
      });
      expect([deed, answer.status()]).toEqual([deed, 403]);
      expect(await answer.text()).toContain(`needs the role admin; yours is ${role}`);
    }
    expect((await post(page, '/providers/new', { id: 'mine' })).status()).toBe(403);
    for (const path of ['new', 'resend-eu/settings', 'resend-eu/delete'])
      expect((await page.request.get(`${dashboard.url}/providers/${path}`)).status()).toBe(403);
    expect(await rowOf('resend-eu')).toEqual(before);
    expect(complaints).toEqual([]);
  },
);

test('an account is deleted only after a confirmation', async () => {
  const { page } = await dashboard.logIn('admin');
  await (await change(page, 'twilio-eu')).getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Delete twilio-eu?' }).waitFor();
  expect(await page.getByText('the only enabled account for sms').isVisible()).toBe(true);
  // Without the confirmation page, it asks for confirmation.
  const answer = await post(page, '/providers/twilio-eu/delete', {});
  expect(answer.headers().location).toBe('/providers/twilio-eu/delete');
  expect(await rowOf('twilio-eu')).not.toBeNull();

  await page.getByRole('button', { name: 'Delete twilio-eu' }).click();
  await page.getByRole('status').getByText('twilio-eu is deleted').waitFor();
  expect(await card(page, 'twilio-eu').count()).toBe(0);
  expect(await rowOf('twilio-eu')).toBeNull();
  expect(await audited('twilio-eu')).toMatchObject([
    { actor: 'staff:admin@example.com', action: 'provider_account.delete' },
  ]);
});

test('the credentials are checked with the provider, and nothing is sent', async () => {
  const { page } = await dashboard.logIn('admin');
  const file = await change(page, 'resend-file');
  expect(await file.getByText('PROVIDERS_FILE names this account').isVisible()).toBe(true);
  await file.getByRole('button', { name: 'Verify credentials' }).click();
  await page.getByRole('status').getByText('resend-file is healthy').waitFor();
  expect(await simulator.ledger()).toEqual([]);

  await writeAccounts(dashboard.db.sql, [{ ...RESEND, id: 'resend-nowhere', baseUrl: 'http://127.0.0.1:9' }]);
  await (await change(page, 'resend-nowhere')).getByRole('button', { name: 'Verify credentials' }).click();
  // An account created by a person with a private address: it is not called.
  await page
    .getByRole('status')
    .getByText('resend-nowhere is not healthy: its address leads to no public network')
    .waitFor();
});

test('forms of another origin, without the token, or for a missing account change nothing', async () => {
  const { page } = await dashboard.logIn('admin');
  const form = { order: '1', weight: '1', confirmed: 'resend-eu' };
  for (const deed of ['placing', 'disable', 'delete']) {
    expect((await post(page, `/providers/resend-eu/${deed}`, form, 'https://evil.example')).status()).toBe(
      403,
    );
    expect((await post(page, `/providers/resend-eu/${deed}`, { ...form, token: 'x' })).status()).toBe(403);
    expect((await post(page, `/providers/nobody/${deed}`, { ...form, confirmed: 'nobody' })).status()).toBe(
      404,
    );
    expect((await post(page, `/providers/%00/${deed}`, { ...form, confirmed: '%00' })).status()).toBe(404);
  }
  expect(await rowOf('resend-eu')).toMatchObject({ enabled: true, position: 10 });
});

test('a URL alone never reports a change that was not made', async () => {
  const { page } = await dashboard.logIn('admin');
  for (const query of [
    'done=deleted&account=resend-eu',
    'done=saved&account=Call%20us',
    'done=toString&account=resend-eu',
  ]) {
    await page.goto(`${dashboard.url}/providers?${query}`);
    expect(await page.getByRole('status').count(), query).toBe(0);
  }
});

test.each([1280, 380])('no page about accounts is wider than a window of %d px', async (width) => {
  const { page } = await dashboard.logIn('admin', { width });
  for (const path of ['', '/new', '/resend-eu/settings', '/resend-eu/delete']) {
    await page.goto(`${dashboard.url}/providers${path}`);
    if (path === '') for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(width);
  }
});
