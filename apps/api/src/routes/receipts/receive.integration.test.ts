import { createHmac, randomUUID } from 'node:crypto';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { addressHash } from '@carillon/core/recipient/suppression';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import { claimNotifications } from '@carillon/db/attempts/claim-notifications';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { giveUpReceipts } from '@carillon/db/receipts/receive-receipts';
import { encryptAccount } from '@carillon/providers/accounts/account-encryption';
import { AccountSettings } from '@carillon/providers/accounts/account-settings';
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
  await insertAccount({
    id: 'postmark',
    provider: 'postmark',
    environments: ['test'],
    credentials: { serverToken: 'the token of a server' },
    from: 'a@b.test',
    receipts: { secrets: ['carillon:a password of ours'] },
  });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

async function insertAccount(settings: object): Promise<void> {
  const ring = parseKeyRing(KEYS);
  if ('problem' in ring) throw new Error(ring.problem);
  const row = encryptAccount(ring, AccountSettings.parse(settings));
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

test('a delivery report updates the notification once, even if repeated, and needs no API key', async () => {
  const { id } = await sent('resend');
  const deliver = resend('email.delivered', { email_id: `their-${id}`, tags: tags(id) });
  expect((await deliver()).status).toBe(200);
  expect((await deliver()).status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('delivered');
  expect(await api.db.sql`select from provider_logs where notification_id = ${id}`).toHaveLength(1);
});

test('a receipt without a signature counts only with the password configured at the provider', async () => {
  const { id, email } = await sent('postmark');
  const body = JSON.stringify({
    RecordType: 'Bounce',
    ID: 692560173,
    Type: 'HardBounce',
    MessageID: `their-${id}`,
    Email: email,
    BouncedAt: new Date().toISOString(),
    Metadata: { notification: id, attempt: `${id}/1` },
  });
  const as = (user: string) =>
    api.request('POST', '/v1/receipts/postmark/postmark', body, {
      key: null,
      headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
    });
  expect((await as('carillon:another password')).status).toBe(401);
  expect((await stateOf(api.db.sql, id)).state).toBe('sent');
  expect((await as('carillon:a password of ours')).status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('failed');
});

test('one that PostgreSQL refuses is skipped, logged and counted; the others of its commit are stored', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => sent('resend')));
  await api.db.sql.unsafe(`
    create function poison() returns trigger language plpgsql as $$
    begin
      if new.notification_id = '${all[2]!.id}' then raise exception 'poisonous' using errcode = '22P05'; end if;
      return new;
    end $$;
    create trigger poison before insert on provider_logs for each row execute function poison();`);
  try {
    const logged = api.logged.length;
    const answers = await Promise.all(
      all.map(({ id }) => resend('email.delivered', { email_id: `their-${id}`, tags: tags(id) })()),
    );
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200));
    const states = await Promise.all(all.map(({ id }) => stateOf(api.db.sql, id)));
    expect(states.map(({ state }) => state)).toEqual(all.map((_, n) => (n === 2 ? 'sent' : 'delivered')));
    expect(api.logged.slice(logged)).toEqual([expect.stringContaining('cannot be stored and is left out')]);
    const { body } = await api.request('GET', '/metrics');
    expect(body).toContain('carillon_api_receipts_total{provider="resend",outcome="unstorable"} 1');
  } finally {
    await api.db.sql.unsafe('drop trigger poison on provider_logs; drop function poison()');
  }
});

test('the receipt appears in the timeline', async () => {
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
])('a signed one with %s in its text is stored, and does not affect others', async (_, data) => {
  const [odd, plain] = [await sent('resend'), await sent('resend')];
  const answers = await Promise.all([
    resend('email.bounced', { email_id: `their-${odd.id}`, tags: tags(odd.id), ...data })(),
    resend('email.delivered', { email_id: `their-${plain.id}`, tags: tags(plain.id) })(),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await stateOf(api.db.sql, odd.id)).state).toBe('failed');
  expect((await stateOf(api.db.sql, plain.id)).state).toBe('delivered');
});

test('a signed one that names an impossible attempt is stored', async () => {
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

test('an account that does not exist, or belongs to another provider, gets 404', async () => {
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

test('soft bounces are counted, five in a row disable the contact point, and a delivery resets the count', async () => {
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

test('opens, clicks, bounces and complaints are sent to subscribed endpoints', async () => {
  await api.db.sql`
    insert into webhook_endpoints (app_id, environment, url, event_types, secret, data_key, key_id)
    values (${api.appId}, 'test', 'https://customer.test', '{notification.clicked,notification.complained}', '\\x00', '\\x00', 'k')`;
  const { id } = await sent('resend');
  await resend('email.opened', { tags: tags(id) })();
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0';
  await resend('email.clicked', { tags: tags(id), click: { link: 'https://shop.test/x', userAgent } })();
  await resend('email.clicked', {
    tags: tags(id),
    click: { link: 'https://shop.test/x', userAgent: 'BarracudaSentinel' },
  })();
  await resend('email.complained', { to: ['ada@example.test'], tags: tags(id) })();
  const events = await api.db
    .sql`select type, data from events where notification_id = ${id} order by created_at`;
  expect(events.map(({ type }) => type)).toEqual([
    'notification.clicked',
    'notification.clicked',
    'notification.complained',
  ]);
  expect(events[0]?.data).toMatchObject({ notification_id: id, url: 'https://shop.test/x', machine: false });
  expect(events[1]?.data).toMatchObject({ url: 'https://shop.test/x', machine: true });
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

test('Twilio: the signed URL is the configured one regardless of Host, and contains the attempt', async () => {
  const { id } = await sent('twilio', 'sms');
  const answer = await twilio(
    { MessageSid: 'SM1', MessageStatus: 'delivered' },
    `?attempt=${encodeURIComponent(`${id}/1`)}`,
  );
  expect(answer.status).toBe(200);
  expect((await stateOf(api.db.sql, id)).state).toBe('delivered');
});

test('STOP suppresses the number for every app, START lifts only that suppression', async () => {
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

test('a STOP reported by a status callback suppresses the number for every app of the account', async () => {
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

test('a changed signing secret is accepted within seconds; while both are set, both are accepted', async () => {
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

test('a soft bounce that is reported five times, each time under another id, counts once', async () => {
  const email = `repeat+${randomUUID()}@example.test`;
  await api.db.sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'test', ${email})`;
  await api.db.sql`
    insert into contact_points (app_id, environment, recipient_id, kind, address) values (${api.appId}, 'test', ${email}, 'email', ${email})`;
  const { id } = await sent('resend');
  const bounce = resend.bind(null, 'email.bounced', {
    to: [email],
    tags: tags(id),
    bounce: { type: 'Transient' },
  });
  for (let k = 0; k < 3; k++) await bounce()();
  await Promise.all([bounce()(), bounce()()]);
  const [point] = await api.db
    .sql`select soft_bounces, disabled_at from contact_points where address = ${email}`;
  expect(point).toEqual({ soft_bounces: 1, disabled_at: null });
});

const reasonsFor = (app: string, email: string) =>
  api.db.sql`select reason from suppressions where address_hash = ${addressHash(app, 'email', email)}`;

test.each([
  ['email.bounced', { bounce: { type: 'Permanent', message: '5.1.10' } }, 'bounce'],
  ['email.complained', {}, 'complaint'],
])(
  '%s that names an address and no message suppresses it at once, for every app of the account',
  async (type, data, reason) => {
    const other = await insertApp(api.db.sql);
    const email = `nameless+${randomUUID()}@example.test`;
    expect((await resend(type, { to: [`Ada <${email.toUpperCase()}>`], ...data })()).status).toBe(200);
    for (const app of [api.appId, other]) expect(await reasonsFor(app, email)).toEqual([{ reason }]);
  },
);

test('a report about an address applies although its message is never found, after five minutes of search', async () => {
  const email = `lost+${randomUUID()}@example.test`;
  await resend('email.complained', { to: [email], email_id: `re_${randomUUID()}` })();
  const opened = { to: [email], email_id: `re_${randomUUID()}` };
  await resend('email.opened', opened)();
  await giveUpReceipts(api.db.sql, 5 * 60_000, 100);
  expect(await reasonsFor(api.appId, email)).toEqual([]);
  await api.db.sql`
    update provider_logs set received_at = now() - interval '6 minutes' where body ->> 'address' = ${email}`;
  await giveUpReceipts(api.db.sql, 5 * 60_000, 100);
  expect(await reasonsFor(api.appId, email)).toEqual([{ reason: 'complaint' }]);
  const open = await api.db.sql`
    select from provider_logs where applied_at is null and body ->> 'address' = ${email}`;
  expect(open).toHaveLength(0);
});

test('thousands of receipts in one request are stored by statements of bounded size', async () => {
  const secret = 'a shared secret of our own gateway';
  await insertAccount({
    id: 'gateway',
    provider: 'generic',
    channel: 'email',
    environments: ['test'],
    credentials: { secret },
    url: 'https://gateway.example.test/',
  });
  const list = Array.from({ length: 1_700 }, (_, n) => ({
    id: `many-${n}`,
    type: 'delivered',
    message_id: `m${n}`,
  }));
  const body = JSON.stringify(list);
  const seconds = Math.floor(Date.now() / 1000);
  const hex = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const { status } = await api.request('POST', '/v1/receipts/generic/gateway', body, {
    key: null,
    headers: { 'x-carillon-signature': `t=${seconds},v1=${hex}` },
  });
  expect(status).toBe(200);
  const stored = await api.db.sql<{ statement: string; count: number }[]>`
    select xmin::text as statement, count(*)::int from provider_logs where provider_account = 'gateway' group by 1`;
  expect(stored.reduce((sum, { count }) => sum + count, 0)).toBe(1_700);
  expect(Math.max(...stored.map(({ count }) => count))).toBeLessThanOrEqual(500);
});
