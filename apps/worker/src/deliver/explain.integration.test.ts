import { randomUUID } from 'node:crypto';
import type { Channel } from '@carillon/core/notification/channel';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { laneOf } from '@carillon/core/notification/lane';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { admissionBy } from '@carillon/core/provider/admission';
import { addressHash } from '@carillon/core/recipient/suppression';
import { readBreakers } from '@carillon/db/breakers/breakers';
import { registerBreakers } from '@carillon/db/breakers/moves';
import { syncFileAccounts } from '@carillon/db/provider-accounts/write-provider-accounts';
import { encryptAccount } from '@carillon/providers/accounts/account-encryption';
import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import { buildAccounts, type RegisteredAccount } from '@carillon/providers/accounts/registry';
import { serves } from '@carillon/services/notifications/explain-facts';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { keysOf } from '../../../../test/support/redis-keys.ts';
import { deliver } from './deliver.ts';

const KEYS = `k:${Buffer.alloc(32, 7).toString('base64')}`;
const RING: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 7)]]) };

let bundle: LaneBundle;
let api: ApiUnderTest;
let http: AnsweringServer;
let accounts: RegisteredAccount[];

beforeAll(async () => {
  bundle = await laneBundle();
  api = await apiUnderTest(bundle.databaseUrl, { env: { ENCRYPTION_KEYS: KEYS } });
  http = await answeringServer();
  http.answers({ status: 202, headers: { 'content-type': 'application/json' }, body: '{"id":"msg-1"}' });
  const generic = (id: string, channel: Channel, over: object = {}) => ({
    ...{ id, provider: 'generic', channel, environments: ['live'], url: `${http.url}/${id}` },
    credentials: { secret: 'a-shared-secret-of-ours' },
    ...over,
  });
  const settings = [
    generic('mail-a', 'email', { order: 1, weight: 3 }),
    generic('mail-b', 'email', { order: 1, weight: 1 }),
    generic('mail-c', 'email', { order: 2 }),
    generic('text-ng', 'sms', { order: 1, prefixes: ['+234'] }),
    generic('text-shut', 'sms', { order: 2 }),
  ] as unknown as AccountSettings[];
  const rows = settings.map((account) => ({ ...encryptAccount(RING, account), managedBy: 'file' as const }));
  await syncFileAccounts(bundle.db.sql, rows);
  accounts = await buildAccounts(settings, { storeInboxMessage: async () => true });
  await registerBreakers(
    bundle.db.sql,
    accounts.map(({ id, adapter }) => ({ account: id, channel: adapter.channel })),
  );
  await bundle.db.sql`
    update circuit_breakers
    set state = 'open', reason = 'an outage', changed_at = now(), probe_at = now() + interval '5 s', cool_down_seconds = 5
    where account = 'text-shut'`;
  await api.request('PUT', '/v1/templates/greeting', {
    channels: {
      email: { en: { subject: 'Hello {{ name }}', text: 'On {{ day | date: "%d.%m.%Y" }}, {{ name }}' } },
      sms: { en: { text: 'Hello {{ name }}' } },
    },
  });
});
afterAll(async () => {
  await Promise.all(accounts.map(({ adapter }) => adapter.close()));
  await http.close();
  await api.close();
  await bundle.close();
});

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const random = seeded(20_261_129);
const chance = (share: number) => random() < share;
const pickOne = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!;

/** A person with preferences, and perhaps a suppressed address. */
async function newPerson(): Promise<string> {
  const id = randomUUID();
  const [email, phone] = [`${id}@example.test`, pickOne('+15005550006', '+2348012345678')];
  await api.request('PUT', `/v1/recipients/${id}`, {
    ...(chance(0.85) ? { email } : {}),
    ...(chance(0.6) ? { phone } : {}),
  });
  const hour = (away: number) => `${String((new Date().getUTCHours() + away + 24) % 24).padStart(2, '0')}:00`;
  if (chance(0.7))
    await api.request('PUT', `/v1/recipients/${id}/preferences`, {
      channels: chance(0.2) ? { email: false } : {},
      categories: chance(0.3) ? { news: false } : {},
      ...(chance(0.3) ? { quiet_hours: { start: hour(-2), end: hour(3), time_zone: 'UTC' } } : {}),
      caps: chance(0.5) ? [{ max: 1, window_seconds: 3600 }] : [],
    });
  if (chance(0.2))
    await bundle.db.sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason)
      values (${api.appId}, 'live', 'email', ${addressHash(api.appId, 'email', email)}, 'bounce')`;
  return id;
}

function newRequest(person: string): object {
  const template = chance(0.5);
  const data = { name: 'Ada', day: '2026-03-10' };
  return {
    to: { recipient_id: person },
    route: pickOne(['email'], ['sms'], ['email', 'sms'], ['sms', 'email']),
    priority: pickOne(...PRIORITIES),
    category: pickOne('news', 'billing'),
    idempotency_key: randomUUID(),
    ...(template ? { template: 'greeting', data } : { content: { subject: 'Hi', text: 'Hi' } }),
    ...(chance(0.2) ? { ttl_seconds: pickOne(3600, 86_400) } : {}),
  };
}

const STATES = {
  sent: 'send',
  delivered: 'send',
  scheduled: 'hold',
  retrying: 'hold',
  failed: 'fail',
} as const;

/** Accepted and delivered, from channel to channel, as far as possible at once. */
async function sent(request: object) {
  const { sql } = bundle.db;
  const { body, status } = await api.request('POST', '/v1/notifications', request);
  if (status !== 202) return { status };
  const breakers = new Map((await readBreakers(sql)).map((breaker) => [breaker.account, breaker]));
  for (;;) {
    const [row] = await sql<
      { state: string; channel: Channel; priority: 'bulk'; provider: string; next: Date | null; now: Date }[]
    >`
      select state, channel, priority, provider, next_attempt_at as next, now() as now
      from notifications where id = ${body.id}`;
    const { state, channel, priority, provider, next, now } = row!;
    if (state !== 'pending') {
      const would = STATES[state as 'sent'] ?? 'skip';
      const inMs = next === null ? null : next.getTime() - now.getTime();
      return { status, would, channel, account: would === 'send' ? provider : null, inMs };
    }
    const context = laneContext({
      sql,
      accounts,
      lane: laneOf(channel, priority),
      breakers: {
        admits: (account) => admissionBy(breakers.get(account), now.getTime()),
        isOpen: (account) => breakers.get(account)?.state === 'open',
        began: () => ({ ended: () => {} }),
      },
      onError: (error) => {
        throw error;
      },
    });
    await deliver(context, body.id);
  }
}

test('the explanation equals what the pipeline does, for hundreds of random people and messages', async () => {
  const seen = new Map<string, number>();
  let person = '';
  for (let index = 0; index < 300; index++) {
    // Three messages each: a count for one applies to the next.
    if (index % 3 === 0) person = await newPerson();
    const request = newRequest(person);
    const explained = await api.request('POST', '/v1/notifications/explain', request);
    const end = await sent(request);
    if (end.status !== 202) {
      expect(explained.status).toBe(end.status);
      continue;
    }
    const { would, at, channel, account, rendered, because } = explained.body;
    const story = JSON.stringify({ request, explained: explained.body, end });
    expect({ would, channel, account }, story).toEqual({
      would: end.would,
      channel: end.channel,
      account: end.account,
    });
    if (would === 'hold')
      expect(Math.abs(Date.parse(at) - Date.now() - end.inMs!), story).toBeLessThan(10_000);
    if (would === 'send') expect(rendered.text, story).toMatch(/^(Hi|Hello Ada|On 10\.03\.2026, Ada)$/);
    seen.set(because.at(-1).code, (seen.get(because.at(-1).code) ?? 0) + 1);
  }
  for (const code of ['account', 'quiet_hours', 'category_opted_out', 'cap_reached', 'breakers_open'])
    expect(seen.get(code) ?? 0, `${code} of ${JSON.stringify([...seen])}`).toBeGreaterThan(2);
}, 180_000);

/** Every row of every table by its version, except that each request updates the last use of its API key. */
async function everyRow(): Promise<Record<string, unknown>> {
  const { sql } = bundle.db;
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'api_keys' order by 1`;
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select count(*)::int as count, coalesce(sum(hashtextextended(xmin::text || ctid::text, 0)), 0)::text as versions from ${name}`,
    );
    rows[name] = { ...row };
  }
  return rows;
}

async function everyKey(): Promise<string[]> {
  return (await keysOf(bundle.redis, `*${bundle.namespace}*`)).sort();
}

test('an explanation changes no row and no key, whatever its result', async () => {
  const requests = await Promise.all(Array.from({ length: 40 }, async () => newRequest(await newPerson())));
  const line = { ordering_key: 'k' };
  const before = { rows: await everyRow(), keys: await everyKey() };
  for (const [index, request] of requests.entries()) {
    const { status } = await api.request('POST', '/v1/notifications/explain', {
      ...request,
      ...(index % 4 === 0 ? line : {}),
    });
    expect([200, 422]).toContain(status);
  }
  expect({ rows: await everyRow(), keys: await everyKey() }).toEqual(before);
}, 60_000);

test('it is validated as a send is, and needs the scope of one', async () => {
  const explain = (body: object, key?: string) =>
    api.request('POST', '/v1/notifications/explain', body, key === undefined ? {} : { key });
  expect(await explain({ to: {} })).toMatchObject({ status: 422 });
  const unknown = { to: { recipient_id: 'nobody' }, channel: 'email', content: { subject: 'S', text: 'T' } };
  expect(await explain(unknown)).toMatchObject({ status: 422, body: { code: 'unknown_recipient' } });
  const reader = await api.key({ scopes: ['notifications:read'] });
  expect(await explain(unknown, reader)).toMatchObject({ status: 403 });
});

test('a message for later is judged for that time, and one behind an older of its key is held', async () => {
  const to = { email: 'ok@example.test' };
  const content = { subject: 'S', text: 'T' };
  const sendAt = new Date(Date.now() + 3_600_000).toISOString();
  const explain = async (body: object) =>
    (await api.request('POST', '/v1/notifications/explain', { to, channel: 'email', content, ...body })).body;
  const later = await explain({ send_at: sendAt });
  expect(later).toMatchObject({ would: 'send', at: sendAt, rendered: content });
  expect(later.because[0]).toEqual({ code: 'scheduled', detail: `send_at is ${sendAt}` });
  await api.request('POST', '/v1/notifications', { to, channel: 'email', content, ordering_key: 'busy' });
  expect(await explain({ ordering_key: 'busy' })).toMatchObject({
    would: 'hold',
    at: null,
    because: [{ code: 'waits_in_line' }],
  });
});

test('which messages an account carries is known without its provider’s code', async () => {
  const settings = simulatorAccounts({
    ...{ httpUrl: http.url, tlsHost: '127.0.0.1', tlsPort: 1, smtpUrl: 'smtp://127.0.0.1:1' },
    caFile: 'unused',
  } as never);
  const built = await buildAccounts(
    settings.map(({ caFile: _, ...account }) => account as AccountSettings),
    { storeInboxMessage: async () => true },
  );
  const push = (to: object) => ({ channel: 'push', to, title: 'T', body: 'B' });
  const messages = [
    { channel: 'email', to: 'a@b.test', subject: 'S' },
    { channel: 'sms', to: '+15005550006', text: 'T' },
    { channel: 'in_app', appId: 'a', environment: 'live', recipientId: 'r', title: 'T', body: 'B' },
    push({ fcm_token: 't' }),
    push({ apns_token: 't' }),
    push({ subscription: { endpoint: 'https://push.test', keys: { p256dh: '', auth: '' } } }),
  ] as never[];
  expect(built.length).toBeGreaterThan(8);
  const byId = new Map(settings.map((account) => [account.id, account]));
  for (const { id, adapter } of built)
    for (const message of messages) {
      const { provider } = byId.get(id)!;
      expect(serves({ provider, channel: adapter.channel }, message), provider).toBe(adapter.serves(message));
    }
});
