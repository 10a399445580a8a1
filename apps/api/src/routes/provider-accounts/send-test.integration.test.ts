import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const put = async (id: string, body: object) => {
    const answer = await api.request('PUT', `/v1/provider-accounts/${id}`, {
      environments: ['live'],
      ...body,
    });
    expect([id, answer.status]).toEqual([id, 201]);
  };
  await put('resend-eu', {
    provider: 'resend',
    from: 'Acme <hello@acme.example>',
    credentials: { api_key: 're_1' },
  });
  await put('twilio-eu', {
    provider: 'twilio',
    from: '+15005550006',
    credentials: { account_sid: 'AC1', auth_token: 't' },
  });
  await put('inbox', { provider: 'inbox' });
  await put('resend-off', {
    provider: 'resend',
    enabled: false,
    from: 'Acme <hello@acme.example>',
    credentials: { api_key: 're_2' },
  });
  await put('resend-sandbox', {
    provider: 'resend',
    environments: ['test'],
    from: 'Acme <hello@acme.example>',
    credentials: { api_key: 're_3' },
  });
  await api.request('PUT', '/v1/recipients/user_42', { phone: '+14155550100' });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const sendTest = (account: string, body: unknown, options = {}) =>
  api.request('POST', `/v1/provider-accounts/${account}/test`, body, options);
const rowOf = async (id: string) =>
  (
    await api.db.sql`
      select app_id, environment, state, channel, route, priority, category, content, options,
        extract(epoch from expires_at - created_at)::int as ttl
      from notifications where id = ${id}`
  )[0];
const EMAIL = { to: { email: 'ada@example.com' } };

test('a test is a notification of the key’s app that names the account it is pinned to', async () => {
  const { status, body } = await sendTest('resend-eu', EMAIL);
  expect(status).toBe(202);
  expect(body).toMatchObject({ status: 'pending', notification_id: body.id });
  const { ttl, ...row } = (await rowOf(body.id))!;
  expect(row).toEqual({
    app_id: api.appId,
    environment: 'live',
    state: 'pending',
    channel: 'email',
    route: ['email'],
    priority: 'normal',
    category: 'account-test',
    content: { subject: 'Test of resend-eu', text: 'Test of resend-eu' },
    options: { account: 'resend-eu', ttl_seconds: 600 },
  });
  expect(ttl).toBeGreaterThanOrEqual(599);
  expect(ttl).toBeLessThanOrEqual(600);
  const outbox = await api.db.sql`select lane from outbox where ${body.id}::uuid = any (ids)`;
  expect(outbox).toEqual([{ lane: 'email-normal' }]);
  expect((await api.request('GET', `/v1/notifications/${body.id}`)).body).toMatchObject({ attempts: [] });
});

test.each([
  ['twilio-eu', { phone: '+14155550100' }, 'sms', { text: 'Test of twilio-eu' }],
  ['twilio-eu', { recipient_id: 'user_42' }, 'sms', { text: 'Test of twilio-eu' }],
  ['inbox', { recipient_id: 'user_42' }, 'in_app', { title: 'Test of inbox', body: 'Test of inbox' }],
])('a test of %s to %j goes by its own channel', async (account, to, channel, content) => {
  const { status, body } = await sendTest(account, { to });
  expect(status).toBe(202);
  expect(await rowOf(body.id)).toMatchObject({ channel, content, options: { account } });
});

test('a test is audited once, with the requesting key and the notification', async () => {
  const options = { headers: { 'idempotency-key': 'audited-test' } };
  const { body } = await sendTest('resend-eu', EMAIL, options);
  await sendTest('resend-eu', EMAIL, options);
  const entries = await api.db.sql`
    select app_id, actor, subject from audit_log
    where action = 'provider_account.test' and detail ->> 'notification' = ${body.id}`;
  expect(entries).toEqual([
    {
      app_id: api.appId,
      actor: expect.stringMatching(/^key:[0-9a-f]{12}$/),
      subject: 'provider_account:resend-eu',
    },
  ]);
});

test('the same test under the same key is one message; a plain send under that key is another request', async () => {
  const headers = { 'idempotency-key': 'test-once' };
  const first = await sendTest('resend-eu', EMAIL, { headers });
  const again = await sendTest('resend-eu', EMAIL, { headers });
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const text = 'Test of resend-eu';
  const plain = {
    ...EMAIL,
    channel: 'email',
    content: { subject: text, text },
    category: 'account-test',
    ttl_seconds: 600,
  };
  expect((await api.request('POST', '/v1/notifications', plain, { headers })).body.code).toBe(
    'idempotency_conflict',
  );
});

test.each([
  ['nowhere', EMAIL, 404, 'not_found', 'nowhere'],
  ['resend-off', EMAIL, 409, 'invalid_state', 'disabled'],
  ['resend-sandbox', EMAIL, 422, 'invalid_request', 'carries test messages only'],
  ['resend-eu', { to: { phone: '+14155550100' } }, 422, 'no_contact_point', 'email'],
  ['resend-eu', { to: { recipient_id: 'nobody' } }, 422, 'unknown_recipient', 'nobody'],
  ['resend-eu', { to: {} }, 422, 'invalid_request', 'must contain one of'],
  ['resend-eu', { to: { email: 'not an address' } }, 422, 'invalid_request', 'to.email'],
  ['resend-eu', { ...EMAIL, channel: 'sms' }, 422, 'invalid_request', 'channel'],
])(
  'a test of %s with %j is refused with %d and stores nothing',
  async (account, body, status, code, words) => {
    const before = await api.db.sql`select count(*)::int from notifications`;
    const answer = await sendTest(account, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.detail).toContain(words);
    expect(await api.db.sql`select count(*)::int from notifications`).toEqual(before);
  },
);

test('a test key, and a live key without the scope admin, send no test', async () => {
  const testKey = await api.key({ environment: 'test' });
  const sender = await api.key({ scopes: ['notifications:write'] });
  expect((await sendTest('resend-eu', EMAIL, { key: testKey })).body.code).toBe('wrong_environment');
  expect((await sendTest('resend-eu', EMAIL, { key: sender })).body.code).toBe('forbidden');
});

test('an ordinary send cannot choose its account', async () => {
  const plain = { ...EMAIL, channel: 'email', content: { subject: 's', text: 't' }, account: 'resend-eu' };
  const answer = await api.request('POST', '/v1/notifications', plain);
  expect(answer.status).toBe(422);
  expect(answer.body.detail).toContain('account');
});
