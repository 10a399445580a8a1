import { randomUUID } from 'node:crypto';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer } from '@carillon/queue/producer';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { expectGoodPage, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard();
  await someAccounts();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

const api = (method: string, path: string, body?: unknown) => dashboard.api.request(method, path, body);

const SMTP = { provider: 'smtp', environments: ['live'], from: 'Acme <hello@acme.example>', port: 587 };

async function someAccounts(): Promise<void> {
  await api('PUT', '/v1/provider-accounts/resend', {
    provider: 'resend',
    environments: ['live'],
    from: 'Acme <hello@acme.example>',
    rate_per_second: 10,
    credentials: { api_key: 're_a_very_secret_key' },
    receipts: { secrets: ['whsec_c2VjcmV0'] },
  });
  await api('PUT', '/v1/provider-accounts/relay', { ...SMTP, host: 'mail.acme.example' });
  await api('PUT', '/v1/provider-accounts/twilio-eu', {
    provider: 'twilio',
    environments: ['live'],
    messaging_service_sid: 'MGacme',
    prefixes: ['+44', '+49'],
    credentials: { account_sid: 'ACacme', auth_token: 'a_very_secret_token' },
  });
  await dashboard.db.sql`
    insert into circuit_breakers (account, channel, state, reason, changed_at, probe_at) values
      ('resend', 'email', 'closed', null, now() - interval '2 hours', null),
      ('relay', 'email', 'closed', null, now() - interval '2 hours', null),
      ('twilio-eu', 'sms', 'open', '12 of 20 messages failed', now() - interval '3 minutes', now() + interval '20 seconds')`;
  for (let n = 0; n < 40; n++) await called('resend', 'accepted', 80 + n);
  await called('resend', 'transient', 900, 'the service is overloaded');
  await called('twilio-eu', 'transient', 10_000, 'no answer within 10 s');
}

async function called(account: string, outcome: string, latencyMs: number, error?: string): Promise<void> {
  await dashboard.db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome, error_code,
      error, provider_message_id, latency_ms)
    values (${randomUUID()}, 1, 'answered', 'email', ${account}, now() - interval '20 seconds', now() - interval '15 seconds',
      ${outcome}, ${error === undefined ? null : '503'}, ${error ?? null}, ${error === undefined ? randomUUID() : null}, ${latencyMs})`;
}

/** The account that an e-mail would go through now. */
async function wouldUse(): Promise<string | null> {
  const { body } = await api('POST', '/v1/notifications/explain', {
    to: { email: 'ada@example.com' },
    channel: 'email',
    content: { subject: 'S', text: 'T' },
  });
  return body.account;
}

const card = (page: Page, id: string) => page.getByRole('article', { name: id });

test('an operator moves the traffic from one account to another and back, with reasons in the audit log', async () => {
  expect(await wouldUse()).toBe('resend');
  const { page, complaints } = await dashboard.signIn('support', '/providers');
  await card(page, 'resend').getByText('in use', { exact: true }).waitFor();
  expect(await card(page, 'resend').getByRole('button', { name: 'Change' }).count()).toBe(0);

  await card(page, 'resend').getByRole('button', { name: 'Do not use' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send nothing through resend' });
  await dialog.getByLabel('Reason').fill('their status page is red');
  await dialog.getByRole('button', { name: 'Do not use it' }).click();
  await card(page, 'resend').getByText('not used', { exact: true }).waitFor();
  await card(page, 'resend')
    .getByText(/held by hand.*their status page is red/)
    .waitFor();
  expect(await wouldUse()).toBe('relay');

  await card(page, 'resend').getByRole('button', { name: 'Let it decide itself' }).click();
  const release = page.getByRole('dialog', { name: 'Let resend decide by itself again' });
  await release.getByLabel('Reason').fill('green again');
  await release.getByRole('button', { name: 'Let it decide' }).click();
  await card(page, 'resend')
    .getByText(/asked until it works again/)
    .waitFor();
  // What a worker does after its probe.
  await dashboard.db.sql`
    update circuit_breakers set state = 'closed', reason = null, probe_at = null, changed_at = now() where account = 'resend'`;
  await card(page, 'resend').getByText('in use', { exact: true }).waitFor();
  expect(await wouldUse()).toBe('resend');

  const audit = await dashboard.db.sql`
    select action, actor, detail ->> 'reason' as reason from audit_log where subject = 'breaker:resend' order by id`;
  expect([...audit]).toEqual([
    { action: 'breaker.hold', actor: 'staff:support@example.com', reason: 'their status page is red' },
    { action: 'breaker.release', actor: 'staff:support@example.com', reason: 'green again' },
  ]);
  expect(complaints).toEqual([]);
});

test('an admin changes the order of accounts, and the traffic follows', async () => {
  const { page } = await dashboard.signIn('admin', '/providers');
  await card(page, 'relay').getByRole('button', { name: 'Change' }).click();
  const dialog = page.getByRole('dialog', { name: 'Order, weight and limit of relay' });
  await dialog.getByLabel('Order').fill('5');
  await dialog.getByLabel('Limit').fill('0');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('0 is too small; more than 0').waitFor();
  await dialog.getByLabel('Limit').fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await card(page, 'relay').getByText('order 5, weight 1, no limit').waitFor();
  expect(await wouldUse()).toBe('relay');
  await api('PATCH', '/v1/provider-accounts/relay', { order: 20 });
});

test('two people edit one account: the second sees the difference, and nothing is overwritten', async () => {
  const first = await dashboard.signIn('admin', '/providers/relay');
  const second = await dashboard.signIn('owner', '/providers/relay');
  for (const { page } of [first, second])
    await page.getByRole('button', { name: 'Change the settings' }).click();

  await first.page.getByRole('textbox', { name: 'Host', exact: true }).fill('mail2.acme.example');
  await first.page.getByRole('button', { name: 'Save the settings' }).click();
  await first.page.getByRole('button', { name: 'Change the settings' }).waitFor();

  await second.page.getByLabel('Max connections').fill('7');
  await second.page.getByRole('button', { name: 'Save the settings' }).click();
  const conflict = second.page.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile' });
  const host = conflict.getByRole('row', { name: /Host/ });
  await host.getByText('mail.acme.example', { exact: true }).first().waitFor();
  await host.getByText('mail2.acme.example').waitFor();
  expect((await api('GET', '/v1/provider-accounts/relay')).body.settings).toEqual({
    from: SMTP.from,
    host: 'mail2.acme.example',
    port: 587,
  });

  await conflict.getByRole('button', { name: 'Put both together' }).click();
  await expect
    .poll(() => second.page.getByRole('textbox', { name: 'Host', exact: true }).inputValue())
    .toBe('mail2.acme.example');
  await second.page.getByRole('button', { name: 'Save the settings' }).click();
  await second.page.getByRole('button', { name: 'Change the settings' }).waitFor();
  expect((await api('GET', '/v1/provider-accounts/relay')).body.settings).toMatchObject({
    host: 'mail2.acme.example',
    max_connections: 7,
  });
});

test('an account is made from the fields of its provider; refusals are shown next to them, secrets are never shown', async () => {
  const { page } = await dashboard.signIn('admin', '/new-provider-account?provider=ses');
  await page.getByRole('textbox', { name: 'Id', exact: true }).fill('ses-eu');
  await page.getByRole('textbox', { name: 'Access key id' }).fill('AKIAACME');
  await page.getByRole('textbox', { name: 'Secret access key' }).fill('a secret that nobody sees');
  await page.getByLabel('Region').fill('Frankfurt');
  await page.getByRole('textbox', { name: 'From', exact: true }).fill('Acme <hello@acme.example>');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByText('must be an AWS region such as eu-west-1').waitFor();
  await page.getByLabel('Region').fill('eu-central-1');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'ses-eu', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Change the settings' }).click();
  await expect.poll(() => page.getByLabel('Region').inputValue()).toBe('eu-central-1');
  expect(await page.content()).not.toContain('nobody sees');

  // Left as they are, the sealed credentials stay.
  const before = (await api('GET', '/v1/provider-accounts/ses-eu')).body;
  await page.getByLabel('Configuration set name').fill('events');
  await page.getByRole('button', { name: 'Save the settings' }).click();
  await page.getByRole('button', { name: 'Change the settings' }).waitFor();
  const after = (await api('GET', '/v1/provider-accounts/ses-eu')).body;
  expect(after).toMatchObject({
    settings: { configuration_set_name: 'events' },
    credentials: before.credentials,
  });
  await api('DELETE', '/v1/provider-accounts/ses-eu');
});

test('credentials are verified with the provider, and a test is sent through one account', async () => {
  const { page } = await dashboard.signIn('admin', '/providers/resend');
  await page.getByRole('button', { name: 'Send a test' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send a test through resend' });
  await dialog.getByLabel('E-mail address').fill('ada@example.com');
  await dialog.getByRole('button', { name: 'Send it' }).click();
  await dialog.getByText('The test is accepted.').waitFor();
  const [row] = await dashboard.db
    .sql`select options ->> 'account' as account from notifications where category = 'account-test'`;
  expect(row).toEqual({ account: 'resend' });
});

test('a viewer finds no button on accounts, and the requests themselves are refused', async () => {
  const { page } = await dashboard.signIn('viewer', '/providers/resend');
  await page.getByRole('heading', { name: 'Health' }).waitFor();
  for (const name of ['Do not use', 'Change the settings', 'Remove this account', 'Send a test'])
    expect(await page.getByRole('button', { name }).count(), name).toBe(0);
  const headers = { 'carillon-app': dashboard.appId, 'carillon-environment': 'live', origin: dashboard.url };
  const at = `${dashboard.url}/api/v1`;
  const tried = [
    await page.request.post(`${at}/breakers/resend/open`, { headers, data: { reason: 'x' } }),
    await page.request.patch(`${at}/provider-accounts/resend`, { headers, data: { weight: 2 } }),
    await page.request.delete(`${at}/provider-accounts/resend`, { headers }),
  ];
  expect(tried.map((answer) => answer.status())).toEqual([403, 403, 403]);
});

test('lanes show what waits, and lead into Bull Board', async () => {
  const connection = producerConnection(dashboard.redis.url, 'browser test');
  await until('Redis', () => connection.status === 'ready');
  const producer = createProducer(connection, dashboard.redis.namespace);
  await producer.publish('email-normal', { ids: [randomUUID(), randomUUID(), randomUUID()] });
  await producer.queue('sms-bulk').pause();
  const { page, complaints } = await dashboard.signIn('viewer', '/lanes');
  const row = page.getByRole('row', { name: /E-mail, normal/ });
  await expect.poll(() => row.textContent()).toMatch(/yes3/);
  await page
    .getByRole('row', { name: /SMS, bulk/ })
    .getByText('paused')
    .waitFor();
  expect(complaints).toEqual([]);
  await expectGoodPage(dashboard, 'viewer', '/lanes', 'lanes', (each) =>
    each.getByText('paused').first().waitFor(),
  );
  await page.getByRole('link', { name: 'Jobs of email-normal in Bull Board' }).click();
  await page.waitForURL(/\/queues\/queue\/email-normal/);
  await producer.close();
  connection.disconnect();
});

test.each<[name: string, path: string, ready: (page: Page) => Promise<unknown>]>([
  ['providers', '/providers', (page) => page.getByText('12 of 20 messages failed').waitFor()],
  ['provider-account', '/providers/resend', settingsOpened],
  [
    'provider-new',
    '/new-provider-account?provider=smtp',
    (page) => page.getByRole('button', { name: 'Create the account' }).waitFor(),
  ],
])('the page %s is good in both schemes and widths', async (name, path, ready) => {
  await expectGoodPage(dashboard, 'admin', path, name, ready);
});

async function settingsOpened(page: Page): Promise<void> {
  const open = page.getByRole('button', { name: 'Change the settings' });
  const save = page.getByRole('button', { name: 'Save the settings' });
  await open.or(save).first().waitFor();
  if (await open.isVisible()) await open.click();
  await save.waitFor();
}
