import type { AccountSettingsInput } from '@carillon/providers/accounts/account-settings';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { RESEND, TWILIO, writeAccounts } from './account-rows.ts';
import { startDashboard, type TestDashboard } from './dashboard.ts';

const SHOP = '0f8fad5b-d9cb-469f-a165-708677289501';
const BANK = '0f8fad5b-d9cb-469f-a165-708677289502';
const INBOX = { id: 'inbox', provider: 'inbox', environments: ['live'] } satisfies AccountSettingsInput;
const FCM = {
  id: 'fcm-eu',
  provider: 'fcm',
  environments: ['live'],
  credentials: { project_id: 'p', client_email: 'a@p.example', private_key: '-----BEGIN PRIVATE KEY-----' },
} satisfies AccountSettingsInput;

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
  const { sql } = dashboard.db;
  await writeAccounts(sql, [RESEND, TWILIO, INBOX, FCM]);
  await sql`insert into apps (id, name) values (${SHOP}, 'Shop')`;
  for (const [environment, id] of [
    ['live', 'user_42'],
    ['test', 'user_43'],
  ] as const)
    await sql`insert into recipients (app_id, environment, id) values (${SHOP}, ${environment}, ${id})`;
});
beforeEach(async () => {
  const { sql } = dashboard.db;
  await sql`delete from notifications`;
  await sql`delete from outbox`;
  await sql`delete from apps where id = ${BANK}`;
  await sql`update provider_accounts set enabled = true, environments = '{live}'`;
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const pathOf = (account: string) => `/providers/${account}/test`;
const open = (page: Page, account: string) => page.goto(dashboard.url + pathOf(account));
const accepted = () =>
  dashboard.db.sql`
    select id, app_id, environment, state, channel, route, priority, category, recipient_id, address, content, options,
      round(extract(epoch from expires_at - created_at) / 60)::int as minutes
    from notifications`;
const post = async (page: Page, account: string, form: Record<string, string>, origin = dashboard.url) => {
  const token = (await page.locator('input[name=token]').first().getAttribute('value'))!;
  return page.request.post(dashboard.url + pathOf(account), {
    form: { token, ...form },
    headers: { origin },
    maxRedirects: 0,
  });
};

test('an admin sends a test: a notification pinned to the account, announced and audited, and its page is shown', async () => {
  const { page, complaints } = await dashboard.logIn('admin');
  await page.goto(`${dashboard.url}/providers`);
  const card = page.getByRole('article', { name: 'resend-eu', exact: true });
  await card.getByText('Change', { exact: true }).click();
  await card.getByRole('link', { name: 'Send a test' }).click();
  await page.getByLabel('E-mail address').fill('ada@b\u00fccher.example');
  expect(await page.getByLabel('App').count()).toBe(0);
  await page.getByRole('button', { name: 'Send the test' }).click();
  await page.getByRole('status').getByText('Test accepted').waitFor();

  const [{ id, ...row }] = (await accepted()) as unknown as [{ id: string }];
  expect(row).toEqual({
    app_id: SHOP,
    environment: 'live',
    state: 'pending',
    channel: 'email',
    route: ['email'],
    priority: 'normal',
    category: 'account-test',
    recipient_id: null,
    address: { email: 'ada@xn--bcher-kva.example' },
    content: { subject: 'Test of resend-eu', text: 'Test of resend-eu' },
    options: { account: 'resend-eu', ttl_seconds: 600 },
    minutes: 10,
  });
  expect(page.url()).toContain(`/notifications/${id}`);
  expect(await page.getByRole('heading', { name: 'Timeline' }).isVisible()).toBe(true);
  const { sql } = dashboard.db;
  expect(await sql`select lane from outbox where ${id}::uuid = any (ids)`).toEqual([
    { lane: 'email-normal' },
  ]);
  expect(
    await sql`select actor, app_id, subject, detail from audit_log where action = 'provider_account.test'`,
  ).toEqual([
    {
      actor: 'staff:admin@example.com',
      app_id: SHOP,
      subject: 'provider_account:resend-eu',
      detail: { notification: id },
    },
  ]);
  expect(complaints).toEqual([]);
});

test('with more than one app the test is of the one that is chosen', async () => {
  await dashboard.db.sql`insert into apps (id, name) values (${BANK}, 'Bank')`;
  const { page } = await dashboard.logIn('admin');
  await open(page, 'twilio-eu');
  await page.getByLabel('Phone number').fill('+14155550100');
  await page.getByLabel('App').selectOption('Bank');
  await page.getByRole('button', { name: 'Send the test' }).click();
  await page.getByRole('status').getByText('Test accepted').waitFor();
  expect(await accepted()).toMatchObject([
    {
      app_id: BANK,
      channel: 'sms',
      address: { phone: '+14155550100' },
      content: { text: 'Test of twilio-eu' },
      options: { account: 'twilio-eu' },
    },
  ]);

  for (const app of ['', 'nobody', '0f8fad5b-d9cb-469f-a165-708677289599']) {
    const answer = await post(page, 'twilio-eu', { to: '+14155550100', app });
    expect([answer.status(), await answer.text()]).toEqual([422, expect.stringContaining('Choose the app')]);
  }
  expect(await accepted()).toHaveLength(1);
});

test('devices and inboxes are reached by the recipient that owns them', async () => {
  const { page } = await dashboard.logIn('admin');
  await open(page, 'inbox');
  await page.getByLabel('Recipient id').fill('user_42');
  await page.getByRole('button', { name: 'Send the test' }).click();
  await page.getByRole('status').getByText('Test accepted').waitFor();
  expect(await accepted()).toMatchObject([
    { channel: 'in_app', recipient_id: 'user_42', address: null, options: { account: 'inbox' } },
  ]);
});

test('a form that is sent twice is one message, and another addressee is another', async () => {
  const { page } = await dashboard.logIn('admin');
  await open(page, 'resend-eu');
  const once = (await page.locator('input[name=once]').getAttribute('value'))!;
  const first = await post(page, 'resend-eu', { to: 'ada@example.com', once });
  const again = await post(page, 'resend-eu', { to: 'ada@example.com', once });
  expect(first.headers().location).toContain('done=tested');
  expect(again.headers().location).toBe(first.headers().location!.replace('tested', 'repeated'));
  expect(await accepted()).toHaveLength(1);
  await post(page, 'resend-eu', { to: 'bob@example.com', once });
  expect(await accepted()).toHaveLength(2);
  await page.reload();
  expect(await page.locator('input[name=once]').getAttribute('value')).not.toBe(once);
});

test.each([
  ['resend-eu', 'what is no address', 'not an address', 'is not an e-mail address'],
  ['resend-eu', 'an endless domain', `ada@${'x'.repeat(400)}.com`, 'is not an e-mail address'],
  ['resend-eu', 'a header', 'a@example.com\r\nBcc: b@example.com', 'is not an e-mail address'],
  ['resend-eu', 'nobody', '', 'Say who gets it'],
  ['twilio-eu', 'a local number', '0171 1234567', 'E.164'],
  ['inbox', 'an unknown recipient', 'nobody', 'Shop has no live recipient'],
  ['inbox', 'a recipient of the test environment', 'user_43', 'Shop has no live recipient'],
  ['inbox', 'an endless id', 'x'.repeat(300), 'at most 255 characters'],
  ['fcm-eu', 'a recipient without a device', 'user_42', 'cannot be reached by push'],
])('a test of %s to %s is refused in words and stores nothing', async (account, _, to, words) => {
  const { page } = await dashboard.logIn('admin');
  const answer = await post(page, account, { to });
  expect(answer.status()).toBe(422);
  expect(await answer.text()).toContain(words);
  expect(await accepted()).toEqual([]);
});

test('the entered values are shown again with their errors', async () => {
  const { page } = await dashboard.logIn('admin');
  await open(page, 'resend-eu');
  await page.getByLabel('E-mail address').fill('ada@"<b>');
  await page.getByRole('button', { name: 'Send the test' }).click();
  await page
    .getByRole('alert')
    .getByText('Nothing was sent. "ada@"<b>" has a name or brackets; give the e-mail address alone')
    .waitFor();
  expect(await page.getByLabel('E-mail address').inputValue()).toBe('ada@"<b>');
});

test.each([
  ['disabled', { enabled: false, environments: ['live'] }, 'resend-eu is disabled. Enable it first'],
  ['not for live messages', { enabled: true, environments: ['test'] }, 'carries test messages only'],
])('an account that is %s has no form and takes no test', async (_, { enabled, environments }, words) => {
  await dashboard.db.sql`
    update provider_accounts set enabled = ${enabled}, environments = ${environments} where id = 'resend-eu'`;
  const { page } = await dashboard.logIn('admin');
  await open(page, 'resend-eu');
  await page.getByRole('alert').getByText(words).waitFor();
  expect(await page.getByLabel('E-mail address').count()).toBe(0);
  const answer = await post(page, 'resend-eu', { to: 'ada@example.com' });
  expect([answer.status(), await answer.text()]).toEqual([422, expect.stringContaining(words)]);
  expect(await accepted()).toEqual([]);
});

test.each(['viewer', 'operator'] as const)('the role %s sends no test, whatever is posted', async (role) => {
  const { page } = await dashboard.logIn(role);
  await page.goto(`${dashboard.url}/providers`);
  expect(await page.getByRole('link', { name: 'Send a test' }).count()).toBe(0);
  expect((await page.request.get(dashboard.url + pathOf('resend-eu'))).status()).toBe(403);
  const answer = await post(page, 'resend-eu', { to: 'ada@example.com' });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain(`Sending a test needs the role admin; yours is ${role}`);
  expect(await accepted()).toEqual([]);
});

test('a form of another origin, without the token, or for an account that is not there sends nothing', async () => {
  const { page } = await dashboard.logIn('admin');
  const form = { to: 'ada@example.com' };
  expect((await post(page, 'resend-eu', form, 'https://evil.example')).status()).toBe(403);
  expect((await post(page, 'resend-eu', { ...form, token: 'x' })).status()).toBe(403);
  for (const account of ['nobody', '%00']) {
    expect((await post(page, account, form)).status()).toBe(404);
    expect((await page.request.get(dashboard.url + pathOf(account))).status()).toBe(404);
  }
  expect(await accepted()).toEqual([]);
});

test.each([1280, 380])('the form is not wider than a window of %d px', async (width) => {
  await dashboard.db
    .sql`insert into apps (id, name) values (${BANK}, ${'A bank with a very long name '.repeat(5)})`;
  const { page } = await dashboard.logIn('admin', { width });
  await open(page, 'resend-eu');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
});
