import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, {
    env: { ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}` },
  });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const RESEND = {
  provider: 'resend',
  environments: ['live'],
  from: 'Acme <hello@acme.example>',
  rate_per_second: 1,
  credentials: { api_key: 're_a_very_secret_key' },
};
const at = (id: string) => `/v1/provider-accounts/${id}`;
const put = (id: string, body: object = RESEND, headers = {}) =>
  api.request('PUT', at(id), body, { headers });

interface Ended {
  outcome: string;
  secondsAgo?: number;
  latencyMs?: number;
  error?: string;
}

async function call(
  account: string,
  { outcome, secondsAgo = 10, latencyMs = 100, error }: Ended,
): Promise<void> {
  await api.db.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome,
      error_code, error, provider_message_id, latency_ms)
    values (${randomUUID()}, 1, 'answered', 'email', ${account}, now() - ${secondsAgo + 1} * interval '1 second',
      now() - ${secondsAgo} * interval '1 second', ${outcome}, ${error === undefined ? null : '500'}, ${error ?? null},
      ${outcome === 'accepted' ? randomUUID() : null}, ${latencyMs})`;
}

test('an account shows what its calls of the last minutes say, and no longer what older ones said', async () => {
  await put('measured');
  for (let n = 0; n < 27; n++) await call('measured', { outcome: 'accepted', latencyMs: 100 });
  await call('measured', { outcome: 'bad_recipient', latencyMs: 100 });
  await call('measured', { outcome: 'transient', latencyMs: 900, error: 'mailbox ada@example.com is busy' });
  await call('measured', { outcome: 'throttled', secondsAgo: 120 });
  await call('measured', { outcome: 'misconfigured', secondsAgo: 400 });
  const { body } = await api.request('GET', at('measured'));
  expect(body.health).toMatchObject({
    use: 'in_use',
    why: 'no worker has used it yet',
    since: null,
    held_by: null,
    window_seconds: 300,
    calls: 30,
    per_second: 0.4833,
    limit_used: 0.4833,
    success_ratio: 0.9655,
    latency_ms: { p50: 100, p95: 100 },
    outcomes: { accepted: 27, bad_recipient: 1, transient: 1, throttled: 1 },
    last_error: { outcome: 'transient', code: '500', at: expect.stringMatching(/Z$/) },
  });
  expect(body.health.last_error.text).toContain('is busy');
  expect(body.health.last_error.text).not.toContain('ada@example.com');
});

test('an account that was not called has figures of nothing rather than zeros that look bad', async () => {
  await put('idle', { ...RESEND, rate_per_second: null });
  expect((await api.request('GET', at('idle'))).body.health).toMatchObject({
    calls: 0,
    per_second: 0,
    success_ratio: null,
    limit_used: null,
    latency_ms: null,
    outcomes: {},
    last_error: null,
  });
});

test('a breaker is shown as in use or not used, with why, since when and by whom', async () => {
  for (const id of ['failing', 'held', 'off']) await put(id);
  const since = new Date('2026-11-01T10:00:00Z');
  await api.db.sql`
    insert into circuit_breakers (account, channel, state, held_by, reason, changed_at, probe_at) values
      ('failing', 'email', 'open', null, '12 of 20 failed', ${since}, ${since}),
      ('held', 'email', 'open', 'staff:ada@acme.example', 'price list', ${since}, null)`;
  await api.request('PATCH', at('off'), { enabled: false });
  const { body } = await api.request('GET', '/v1/provider-accounts');
  const health = Object.fromEntries(
    body.data.map(({ id, health }: { id: string; health: object }) => [id, health]),
  );
  expect(health.failing).toMatchObject({
    use: 'not_used',
    why: expect.stringContaining('12 of 20 failed'),
    since: since.toISOString(),
    probe_at: since.toISOString(),
  });
  expect(health.held).toMatchObject({
    use: 'not_used',
    held_by: 'staff:ada@acme.example',
    why: expect.stringContaining('price list'),
  });
  expect(health.off).toMatchObject({ use: 'not_used', why: 'it is disabled', since: expect.any(String) });
});

test('of two people who edit one account the second gets what is there now, and nothing is overwritten', async () => {
  await put('edited');
  const read = await api.request('GET', at('edited'));
  const etag = read.headers.get('etag')!;
  const first = await api.request('PATCH', at('edited'), { weight: 7 }, { headers: { 'if-match': etag } });
  expect(first.status).toBe(200);
  const second = await put('edited', { ...RESEND, from: 'other@acme.example' }, { 'if-match': etag });
  expect(second.status).toBe(409);
  expect(second.body).toMatchObject({
    code: 'conflict',
    current: { id: 'edited', weight: 7, settings: { from: RESEND.from } },
  });
  expect(JSON.stringify(second.body)).not.toContain('very_secret');
  expect((await api.request('GET', at('edited'))).body).toMatchObject({
    weight: 7,
    settings: { from: RESEND.from },
  });
  const again = await put(
    'edited',
    { ...RESEND, from: 'other@acme.example', weight: 7 },
    { 'if-match': second.headers.get('etag')! },
  );
  expect(again.status).toBe(200);
  expect(again.headers.get('etag')).toBe((await api.request('GET', at('edited'))).headers.get('etag'));
});

test('calls and breakers change the health of an account and not its ETag', async () => {
  await put('busy');
  const before = await api.request('GET', at('busy'));
  await call('busy', { outcome: 'in_doubt' });
  await api.db.sql`insert into circuit_breakers (account, channel) values ('busy', 'email')`;
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  const after = await api.request('GET', at('busy'));
  expect(after.body.health).not.toEqual(before.body.health);
  expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
});

test('a change of an account that is gone is refused where it says what it starts from', async () => {
  const answer = await put('never-was', RESEND, { 'if-match': '"abc"' });
  expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  expect((await api.request('GET', at('never-was'))).status).toBe(404);
});

test('reading, holding and changing accounts are three scopes', async () => {
  await put('scoped');
  await api.db.sql`insert into circuit_breakers (account, channel) values ('scoped', 'email')`;
  const hold = (key: string) => api.request('POST', '/v1/breakers/scoped/open', { reason: 'x' }, { key });
  const tried = async (scopes: Parameters<ApiUnderTest['key']>[0]) => {
    const key = await api.key(scopes);
    return [
      (await api.request('GET', at('scoped'), undefined, { key })).status,
      (await api.request('GET', '/v1/providers', undefined, { key })).status,
      (await api.request('GET', '/v1/breakers', undefined, { key })).status,
      (await hold(key)).status,
      (await api.request('PATCH', at('scoped'), { weight: 2 }, { key })).status,
    ];
  };
  expect(await tried({ scopes: ['providers:read'] })).toEqual([200, 200, 200, 403, 403]);
  expect(await tried({ scopes: ['providers:hold'] })).toEqual([403, 403, 403, 200, 403]);
  expect(await tried({ scopes: ['providers:*'] })).toEqual([200, 200, 200, 200, 200]);
  expect(await tried({ scopes: ['webhooks:*'] })).toEqual([403, 403, 403, 403, 403]);
});

test('providers are listed with the fields of their accounts and where their receipts go', async () => {
  const { body } = await api.request('GET', '/v1/providers');
  const byId = Object.fromEntries(body.data.map((each: { id: string }) => [each.id, each]));
  expect(byId.ses).toMatchObject({
    title: 'Amazon SES',
    channels: ['email'],
    guarantee: 'B',
    receipts_url: 'http://api.test/v1/receipts/ses/{account}',
  });
  expect(byId.generic.channels).toEqual(['email', 'sms', 'push']);
  expect(byId.smtp.receipts_url).toBeNull();
  expect(byId.resend.fields).toContainEqual({
    name: 'credentials.api_key',
    label: 'API key',
    type: 'text',
    required: true,
    group: 'credentials',
    required_in_group: true,
    secret: true,
    multiline: false,
    help: expect.any(String),
    minimum: null,
    maximum: null,
    min_length: 1,
    max_length: null,
    pattern: null,
    options: null,
    default: null,
  });
});
