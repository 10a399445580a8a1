import { createHmac, randomUUID } from 'node:crypto';
import { parseKeyRing } from '@carillon/core/envelope';
import { signWebhook } from '@carillon/core/standard-webhook';
import { addressHash } from '@carillon/core/suppression';
import { claimNotifications } from '@carillon/db/queries/claim-notifications';
import { recordOutcomes } from '@carillon/db/queries/record-outcomes';
import { AccountSettings } from '@carillon/providers/account-settings';
import { sealAccount } from '@carillon/providers/sealed-account';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../../../../test/support/rows.ts';

const KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;
const SECRET = `whsec_${Buffer.from('the signing secret of resend').toString('base64')}`;
const TOKEN = 'the auth token of twilio';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, {
    env: { ENCRYPTION_KEYS: KEYS, PUBLIC_BASE_URL: 'https://api.example.test' },
  });
  await insertAccount({
    id: 'resend',
    provider: 'resend',
    environments: ['test'],
    credentials: { apiKey: 're_1' },
    from: 'a@b.test',
    receipts: { secrets: [SECRET] },
  });
  await insertAccount({
    id: 'twilio',
    provider: 'twilio',
    environments: ['test'],
    credentials: { accountSid: 'AC1', authToken: TOKEN },
    from: '+15005550006',
  });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

async function insertAccount(settings: object): Promise<void> {
  const ring = parseKeyRing(KEYS);
  if ('problem' in ring) throw new Error(ring.problem);
  const row = sealAccount(ring, AccountSettings.parse(settings));
  await api.db.sql`
    insert into provider_accounts (id, provider, channel, environments, position, settings, credentials, data_key, key_id, managed_by)
    values (${row.id}, ${row.provider}, ${row.channel}, ${row.environments}, ${row.position}, ${api.db.sql.json(row.settings as never)},
      ${row.credentials}, ${row.dataKey}, ${row.keyId}, 'api')`;
}

async function sent(
  provider: string,
  channel: 'email' | 'sms' = 'email',
): Promise<{ id: string; email: string }> {
  const email = `ada+${randomUUID()}@example.test`;
  const id = await insertNotification(api.db.sql, { appId: api.appId, channel, email });
  const leaseToken = randomUUID();
  await claimNotifications(api.db.sql, [id], { channel, provider, leaseToken, leaseMs: 30_000 });
  await recordOutcomes(api.db.sql, [
    {
      id,
      n: 1,
      leaseToken,
      state: 'sent',
      outcome: 'accepted',
      phase: 'answered',
      provider,
      latencyMs: 1,
      providerMessageId: `their-${id}`,
    },
  ]);
  return { id, email };
}

function resend(type: string, data: object, { secret = SECRET, at = Date.now() } = {}) {
  const body = JSON.stringify({ type, created_at: new Date().toISOString(), data });
  const id = `msg_${randomUUID()}`;
  const seconds = Math.floor(at / 1000);
  const headers = {
    'svix-id': id,
    'svix-timestamp': String(seconds),
    'svix-signature': signWebhook([secret], id, seconds, body),
  };
  return () => api.request('POST', '/v1/receipts/resend/resend', body, { key: null, headers });
}

const tags = (id: string) => ({ notification_id: id, attempt: '1' });

test('a delivery report moves the notification, once however often it comes, and needs no API key', async () => {
  const { id } = await sent('resend');
  const deliver = resend('email.delivered', { email_id: `their-${id}`, tags: tags(id) });
  expect((await deliver()).status).toBe(200);
  expect((await deliver()).status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('delivered');
  expect(await api.db.sql`select from provider_logs where notification_id = ${id}`).toHaveLength(1);
});

test('the receipt stands in the timeline', async () => {
  const { id } = await sent('resend');
  await resend('email.delivered', { email_id: `their-${id}`, tags: tags(id) })();
  const key = await api.key({ environment: 'test' });
  const { body } = await api.request('GET', `/v1/notifications/${id}`, undefined, { key });
  expect(body.timeline.at(-1)).toMatchObject({
    status: 'delivered',
    actor: 'receipt:resend',
    reason: expect.stringContaining('delivered'),
  });
});

test('a forged, a stale and a malformed one get 401, and leave nothing but a counter', async () => {
  const { id } = await sent('resend');
  const before = await api.db.sql`select count(*)::int as n from provider_logs`;
  const forged = resend(
    'email.bounced',
    { tags: tags(id) },
    { secret: `whsec_${Buffer.from('another').toString('base64')}` },
  );
  const stale = resend('email.bounced', { tags: tags(id) }, { at: Date.now() - 10 * 60_000 });
  for (const attempt of [
    forged,
    stale,
    () => api.request('POST', '/v1/receipts/resend/resend', '{}', { key: null }),
  ]) {
    const answer = await attempt();
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('unauthenticated');
  }
  expect((await stateOf(api.db.sql, id)).state).toBe('sent');
  expect(await api.db.sql`select count(*)::int as n from provider_logs`).toEqual(before);
});

test.each<[string, object]>([
  ['a NUL', { bounce: { type: 'Permanent', message: 'user\u0000 unknown' } }],
  [
    'a character that the bound cuts in two',
    { bounce: { type: 'Permanent', message: `${'x'.repeat(499)}😀` } },
  ],
  ['half a character', { bounce: { type: 'Permanent', message: 'x\ud83d' } }],
])('a signed one with %s in its words is stored, and takes no other with it', async (_, data) => {
  const [odd, plain] = [await sent('resend'), await sent('resend')];
  const answers = await Promise.all([
    resend('email.bounced', { email_id: `their-${odd.id}`, tags: tags(odd.id), ...data })(),
    resend('email.delivered', { email_id: `their-${plain.id}`, tags: tags(plain.id) })(),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await stateOf(api.db.sql, odd.id)).state).toBe('failed');
  expect((await stateOf(api.db.sql, plain.id)).state).toBe('delivered');
});

test('a signed one that names an attempt no notification can have had is stored', async () => {
  const { id } = await sent('resend');
  const named = { email_id: 'x', tags: { notification_id: id, attempt: '99999' } };
  expect((await resend('email.delivered', named)()).status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('sent');
});

test('an oversized one gets 413', async () => {
  const answer = await api.request('POST', '/v1/receipts/resend/resend', 'x'.repeat(1024 * 1024 + 1), {
    key: null,
  });
  expect(answer.status).toBe(413);
});

test('an account that is not there, or is of another provider, gets 404', async () => {
  for (const path of [
    '/v1/receipts/resend/other',
    '/v1/receipts/sendgrid/resend',
    '/v1/receipts/nobody/resend',
  ])
    expect([404, 422]).toContain((await api.request('POST', path, '{}', { key: null })).status);
});

test('a hard bounce suppresses the address and disables the contact point, with the reason', async () => {
  const { id, email } = await sent('resend');
  await api.db.sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'test', ${id})`;
  await api.db.sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address) values (${api.appId}, 'test', ${id}, 'email', ${email})`;
  await resend('email.bounced', {
    email_id: `their-${id}`,
    to: [email],
    tags: tags(id),
    bounce: { type: 'Permanent', message: 'no such user' },
  })();
  expect((await stateOf(api.db.sql, id)).state).toBe('failed');
  const [suppressed] = await api.db.sql`
    select reason, detail from suppressions where address_hash = ${addressHash(api.appId, 'email', email)}`;
  expect(suppressed).toMatchObject({ reason: 'bounce', detail: expect.stringContaining('no such user') });
  const [point] = await api.db
    .sql`select disabled_at, disabled_reason from contact_points where address = ${email}`;
  expect(point?.disabled_at).not.toBeNull();
  expect(point?.disabled_reason).toContain('no such user');
});

test('soft bounces are counted, five in a row disable the contact point, and a delivery forgives', async () => {
  const email = `soft+${randomUUID()}@example.test`;
  await api.db.sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'test', ${email})`;
  await api.db.sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address) values (${api.appId}, 'test', ${email}, 'email', ${email})`;
  const bounce = async () => {
    const { id } = await sent('resend');
    await resend('email.bounced', { to: [email], tags: tags(id), bounce: { type: 'Transient' } })();
  };
  const point = async () =>
    (await api.db.sql`select soft_bounces, disabled_at from contact_points where address = ${email}`)[0]!;
  for (let k = 0; k < 4; k++) await bounce();
  expect(await point()).toMatchObject({ soft_bounces: 4, disabled_at: null });
  const { id } = await sent('resend');
  await resend('email.delivered', { to: [email], tags: tags(id) })();
  expect(await point()).toMatchObject({ soft_bounces: 0, disabled_at: null });
  for (let k = 0; k < 5; k++) await bounce();
  expect((await point()).disabled_at).not.toBeNull();
  expect(
    await api.db.sql`select from suppressions where address_hash = ${addressHash(api.appId, 'email', email)}`,
  ).toHaveLength(0);
});

test('opens, clicks, bounces and complaints are told to endpoints that want them', async () => {
  await api.db.sql`
    insert into webhook_endpoints (app_id, environment, url, event_types, secret, data_key, key_id)
    values (${api.appId}, 'test', 'https://customer.test', '{notification.clicked,notification.complained}', '\\x00', '\\x00', 'k')`;
  const { id } = await sent('resend');
  await resend('email.opened', { tags: tags(id) })();
  await resend('email.clicked', { tags: tags(id), click: { link: 'https://shop.test/x' } })();
  await resend('email.complained', { to: ['ada@example.test'], tags: tags(id) })();
  const events = await api.db
    .sql`select type, data from events where notification_id = ${id} order by created_at`;
  expect(events.map(({ type }) => type)).toEqual(['notification.clicked', 'notification.complained']);
  expect(events[0]?.data).toMatchObject({ notification_id: id, url: 'https://shop.test/x' });
  await api.db.sql`delete from webhook_endpoints`;
});

function twilio(fields: Record<string, string>, query = '') {
  const url = `/v1/receipts/twilio/twilio${query}`;
  const sorted = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => name + value);
  const signature = createHmac('sha1', TOKEN)
    .update(`https://api.example.test${url}${sorted.join('')}`)
    .digest('base64');
  return api.request('POST', url, new URLSearchParams(fields).toString(), {
    key: null,
    headers: { 'x-twilio-signature': signature, 'content-type': 'application/x-www-form-urlencoded' },
  });
}

test('Twilio: the URL that was signed is the configured one, whatever Host says, and the attempt is in it', async () => {
  const { id } = await sent('twilio', 'sms');
  const answer = await twilio(
    { MessageSid: 'SM1', MessageStatus: 'delivered' },
    `?attempt=${encodeURIComponent(`${id}/1`)}`,
  );
  expect(answer.status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('delivered');
});

test('STOP keeps every app from writing to the number, START takes that back and nothing else', async () => {
  const number = '+15005550077';
  const list = () =>
    api.db.sql`select reason from suppressions where address_hash = ${addressHash(api.appId, 'sms', number)}`;
  await twilio({ MessageSid: `SM${randomUUID()}`, From: number, Body: 'STOP' });
  expect(await list()).toEqual([{ reason: 'stop' }]);
  await twilio({ MessageSid: `SM${randomUUID()}`, From: number, Body: 'start' });
  expect(await list()).toEqual([]);
  await api.db.sql`
    insert into suppressions (app_id, environment, channel, address_hash, reason)
    values (${api.appId}, 'test', 'sms', ${addressHash(api.appId, 'sms', number)}, 'manual')`;
  await twilio({ MessageSid: `SM${randomUUID()}`, From: number, Body: 'START' });
  expect(await list()).toEqual([{ reason: 'manual' }]);
});

test('a STOP that a status callback tells of keeps every app of the account from writing to the number', async () => {
  const other = await insertApp(api.db.sql);
  const { id } = await sent('twilio', 'sms');
  const To = '+15005550078';
  const fields = { MessageSid: `SM${randomUUID()}`, MessageStatus: 'failed', ErrorCode: '21610', To };
  await twilio(fields, `?attempt=${encodeURIComponent(`${id}/1`)}`);
  expect((await stateOf(api.db.sql, id)).state).toBe('failed');
  for (const app of [api.appId, other])
    expect(
      await api.db.sql`select reason from suppressions where address_hash = ${addressHash(app, 'sms', To)}`,
    ).toEqual([{ reason: 'stop' }]);
});

test('a changed signing secret is believed within seconds; while both are set, both are', async () => {
  const { id } = await sent('resend');
  const other = `whsec_${Buffer.from('the next secret').toString('base64')}`;
  await insertAccount({
    id: 'resend-2',
    provider: 'resend',
    environments: ['test'],
    credentials: { apiKey: 're_2' },
    from: 'a@b.test',
    receipts: { secrets: [other, SECRET] },
  });
  for (const secret of [other, SECRET]) {
    const body = JSON.stringify({ type: 'email.sent', data: { tags: tags(id) } });
    const seconds = Math.floor(Date.now() / 1000);
    const headers = {
      'svix-id': secret,
      'svix-timestamp': String(seconds),
      'svix-signature': signWebhook([secret], secret, seconds, body),
    };
    expect(
      (await api.request('POST', '/v1/receipts/resend/resend-2', body, { key: null, headers })).status,
    ).toBe(200);
  }
});
