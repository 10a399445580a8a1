import { randomUUID } from 'node:crypto';
import { makeRecipientToken } from '@carillon/core/access/recipient-token';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { type KeyRing, parseKeyRing } from '@carillon/core/notification/envelope';
import { endSnoozes } from '@carillon/db/inbox/change-messages';
import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection } from '@carillon/queue/connection';
import { inboxKey, inboxPublisher } from '@carillon/queue/inbox-signals';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type EventClient, openEvents } from '../../../../test/support/event-stream.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { type TestRedis, testRedis } from '../../../../test/support/redis.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';

const env = { ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}` };
const ring = parseKeyRing(env.ENCRYPTION_KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let redis: TestRedis;
/** Two API processes of one installation, the second of which reaches Redis through a proxy. */
let one: ServedApi;
let two: ServedApi;
let proxy: TcpProxy;
/** What workers have to signal with. */
let producer: RedisClient;
let signal: (owner: InboxOwner) => void;

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  const { port, hostname } = new URL(redis.url);
  proxy = await tcpProxy(Number(port), hostname);
  one = await servedApi(database.url, { env, redis });
  two = await servedApi(database.url, {
    env,
    redis: { ...redis, url: redis.url.replace(port, String(proxy.port)) },
  });
  producer = producerConnection(redis.url, 'test');
  signal = inboxPublisher(producer, redis.namespace);
  await until('Redis', () => producer.status === 'ready');
});
afterAll(async () => {
  producer?.disconnect();
  await one?.close();
  await two?.close();
  await proxy?.close();
  await redis?.clean();
  await database?.drop();
});

const open: EventClient[] = [];
let owner: InboxOwner;
let token: string;
beforeEach(async () => {
  owner = await insertRecipient(one.db.sql, one.appId, `user_${randomUUID()}`);
  const made = await one.request('POST', `/v1/recipients/${owner.recipientId}/tokens`, {});
  token = made.body.token;
});
afterEach(async () => {
  await proxy.restore();
  await Promise.all(open.splice(0).map((client) => client.close()));
});

/** A stream of this person at one of the processes. */
async function follow(api: ServedApi, after?: number | null, bearer = token): Promise<EventClient> {
  const query = after === undefined || after === null ? '' : `?after=${after}`;
  const client = await openEvents(`${api.url}/v1/inbox/stream${query}`, {
    authorization: `Bearer ${bearer}`,
  });
  open.push(client);
  return client;
}

async function deliver(title: string): Promise<string> {
  const id = await deliverInApp(one.db.sql, owner, { title });
  signal(owner);
  return id;
}

const act = (api: ServedApi, path: string) =>
  api.request('POST', `/v1/inbox/${path}`, undefined, { key: token });
const seen = ({ events }: EventClient) =>
  events.flatMap(({ type, data }) => (type === 'counts' ? [] : [`${type} ${data.title ?? data.reason}`]));
const counts = ({ events }: EventClient) => events.findLast(({ type }) => type === 'counts')?.data;
const sees = (client: EventClient, ...wanted: string[]) =>
  until(wanted.join(', '), () => wanted.join() === seen(client).join());

describe('a stream', () => {
  test('begins with the counts of the present, and gets what is stored from then on', async () => {
    await deliver('before');
    const client = await follow(one);
    await until('the counts', () => counts(client));
    expect(seen(client)).toEqual([]);
    expect(counts(client)).toEqual({ unread_count: 1, unseen_count: 1 });
    await deliver('after');
    await sees(client, 'message after');
    await until('the counts', () => counts(client).unread_count === 2);
    expect(client.events.map(({ id }) => id)).toEqual(
      client.events.map(({ id }) => id).toSorted((a, b) => a! - b!),
    );
  });

  test('gets changes that were made at another process, and of another tab', async () => {
    const id = await deliver('hello');
    const [here, there] = [await follow(one), await follow(two)];
    await until('both to have begun', () => counts(here) && counts(there));
    await act(two, `${id}/read`);
    await sees(here, 'changed hello');
    await sees(there, 'changed hello');
    expect(here.events.find(({ type }) => type === 'changed')?.data.read_at).not.toBeNull();
    await until('the counts', () => counts(here).unread_count === 0 && counts(there).unread_count === 0);
  });

  test('that comes back gets every message and every change once, in order, at whatever process', async () => {
    const first = await follow(one);
    await until('it to begin', () => counts(first));
    const a = await deliver('a');
    await sees(first, 'message a');
    await first.close();
    await deliver('b');
    const c = await deliver('c');
    await act(one, `${a}/archive`);
    await act(two, `${c}/read`);
    const second = await follow(two, first.lastId());
    await sees(second, 'message b', 'message c', 'changed a', 'changed c');
    await until('the counts', () => counts(second)?.unread_count === 1);
    const third = await follow(one, second.lastId());
    await until('it to begin', () => counts(third));
    expect(seen(third)).toEqual([]);
  });

  test('cut off between any two events goes on there: nothing is missing, nothing comes twice', async () => {
    const ids = [await deliver('a'), await deliver('b'), await deliver('c')];
    for (const id of ids) await act(one, `${id}/read`);
    const whole = await follow(one, 0);
    await until('all events', () => whole.events.length === 7);
    const all = whole.events.map(({ type, id }) => `${type} ${id}`);
    for (const [index, { id }] of whole.events.entries()) {
      const rest = await follow(two, id);
      await until('the rest', () => rest.events.some(({ type }) => type === 'counts'));
      const got = rest.events.map(({ type, id }) => `${type} ${id}`);
      expect(got).toEqual(index === all.length - 1 ? [all.at(-1)] : all.slice(index + 1));
    }
  });

  test('of ten thousand messages brings them all', async () => {
    const { appId, environment, recipientId } = owner;
    await one.db.sql`
      insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, sequence, created_sequence)
      select gen_random_uuid(), ${appId}, ${environment}, ${recipientId}, i::text, '', i, i from generate_series(1, 10000) i`;
    await one.db.sql`
      insert into inbox_heads (app_id, environment, recipient_id, last) values (${appId}, ${environment}, ${recipientId}, 10000)`;
    const client = await follow(one, 0);
    await until('all of them', () => counts(client)?.unread_count === 10_000, { timeoutMs: 30_000 });
    const titles = client.events.flatMap(({ type, data }) =>
      type === 'message' ? [Number(data.title)] : [],
    );
    expect(titles).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1));
  });

  test('gets a message back whose snooze has ended', async () => {
    const id = await deliver('later');
    const client = await follow(one);
    await until('it to begin', () => counts(client));
    const until1 = new Date(Date.now() + 3600_000).toISOString();
    await one.request('POST', `/v1/inbox/${id}/snooze`, { until: until1 }, { key: token });
    await until('it to be hidden', () => counts(client).unread_count === 0);
    await one.db.sql`update inbox_messages set snoozed_until = now() where notification_id = ${id}`;
    for (const each of await endSnoozes(one.db.sql, 10)) signal(each);
    await sees(client, 'changed later', 'changed later');
    await until('it to count again', () => counts(client).unread_count === 1);
  });

  test('from a number that this inbox does not know begins with a reset', async () => {
    const client = await follow(one, 99_999_999_999_999);
    await until('the counts', () => counts(client));
    expect(client.events.map(({ type }) => type)).toEqual(['reset', 'counts']);
  });
});

describe('a stream ends with its reason', () => {
  test('when its token does', async () => {
    const [{ now }] = await one.db.sql<[{ now: Date }]>`select now() as now`;
    const madeAt = now.getTime();
    // The API makes none that is so short.
    const short = makeRecipientToken(ring as KeyRing, {
      owner,
      scopes: ['inbox'],
      madeAt,
      until: madeAt + 1500,
    });
    const client = await follow(one, undefined, short);
    await client.ended;
    expect(seen(client)).toEqual(['closed token_expired']);
    expect((await follow(one, undefined, short)).status).toBe(401);
  });

  test('when the person opens too many: the oldest goes', async () => {
    const clients: EventClient[] = [];
    for (let n = 0; n < 11; n++) clients.push(await follow(one));
    await clients[0]!.ended;
    expect(seen(clients[0]!)).toEqual(['closed too_many_streams']);
    await until('the others to go on', () => clients.slice(1).every((client) => counts(client)));
  });

  test('when the person is erased', async () => {
    const client = await follow(two);
    await until('it to begin', () => counts(client));
    await one.request('DELETE', `/v1/recipients/${owner.recipientId}`);
    await client.ended;
    expect(seen(client).at(-1)).toBe('closed recipient_erased');
  });

  test('when its process restarts, and the next process goes on from there', async () => {
    const dying = await servedApi(database.url, { env, redis });
    const made = await dying
      .request('POST', `/v1/recipients/${owner.recipientId}/tokens`, {})
      .catch(() => null);
    expect(made?.status).toBe(404);
    const client = await follow(dying);
    await until('it to begin', () => counts(client));
    await dying.close();
    await client.ended;
    expect(['closed restarting', undefined]).toContain(seen(client).at(-1));
    await deliver('meanwhile');
    const next = await follow(one, client.lastId());
    await sees(next, 'message meanwhile');
  });
});

describe('Redis', () => {
  test('that is away delays messages and loses none', async () => {
    const client = await follow(two);
    await until('it to begin', () => counts(client));
    await proxy.cut();
    const id = await deliver('without Redis');
    await sees(client, 'message without Redis');
    await act(one, `${id}/read`);
    await sees(client, 'message without Redis', 'changed without Redis');
    await proxy.restore();
    await deliver('with Redis');
    await sees(client, 'message without Redis', 'changed without Redis', 'message with Redis');
  });

  test('holds nothing about the person: no name, no text', async () => {
    const client = await follow(one);
    await until('it to begin', () => counts(client));
    const channels = (await producer.pubsub('CHANNELS', `${redis.namespace}:*`)) as string[];
    expect(channels.length).toBeGreaterThan(0);
    for (const channel of channels) expect(channel).toMatch(/^[a-z0-9]+:inbox:[0-9a-f]{32}$/);
  });
});

test('a token in the query opens the stream and nothing else, and stands in no log', async () => {
  const client = await openEvents(`${one.url}/v1/inbox/stream?token=${token}`);
  open.push(client);
  await until('it to begin', () => counts(client));
  const other = await openEvents(`${one.url}/v1/inbox/stream?access_token=${token}`);
  open.push(other);
  await until('it to begin', () => counts(other));
  expect((await one.request('GET', `/v1/inbox?token=${token}`, undefined, { key: null })).status).toBe(401);
  expect(
    (await one.request('GET', `/v1/inbox/stream?token=${token}&x=1`, undefined, { key: null })).status,
  ).toBe(422);
  await one.requestLog.flush();
  const [row] = await one.db.sql<[{ found: boolean }]>`
    select exists (select from request_log where path like ${`%${token}%`} or detail like ${`%${token}%`}) as found`;
  expect(row.found).toBe(false);
  expect(one.logged.join()).not.toContain(token);
});

test('HEAD describes the stream and opens none', async () => {
  const subscribers = async (): Promise<unknown> => {
    const [, count] = (await producer.call(
      'pubsub',
      'numsub',
      `${redis.namespace}:inbox:${inboxKey(owner)}`,
    )) as [string, number];
    return count;
  };
  const response = await fetch(`${one.url}/v1/inbox/stream`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(await subscribers()).toBe(0);
  const client = await follow(one);
  await until('it to be subscribed', async () => (await subscribers()) === 1);
  await client.close();
  await until('it to be unsubscribed', async () => (await subscribers()) === 0);
});

test.each([['-1'], ['x'], ['1e3'], ['1'.repeat(16)]])('after=%s is refused', async (after) => {
  const answer = await one.request('GET', `/v1/inbox/stream?after=${after}`, undefined, { key: token });
  expect(answer.status).toBe(422);
  const header = await one.request('GET', '/v1/inbox/stream', undefined, {
    key: token,
    headers: { 'last-event-id': after },
  });
  expect(header.status).toBe(422);
});
