import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { type KeyRing, parseKeyRing, seal } from '@carillon/core/notification/envelope';
import { workerConnection } from '@carillon/queue/connection';
import {
  consumeEvents,
  type EventConsumer,
  type EventQueue,
  eventPrefix,
  openEventQueue,
} from '@carillon/queue/event-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { keysOf } from '../../../../test/support/redis-keys.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { overdueEvents } from '../maintenance/overdue-events.ts';
import type { Dispatch } from './dispatch.ts';
import { createEmit } from './emit.ts';
import { type GuardedPost, guardedPost } from './guarded-post.ts';
import { relayEvents } from './relay-events.ts';

/** The events part of one worker process, with customers that hang and a Redis that loses keys. */
const ring = parseKeyRing(`k:${Buffer.alloc(32, 5).toString('base64')}`) as KeyRing;
/** Longer than a test: a call of a hanging endpoint ends in none of them. */
const NEVER_MS = 600_000;

let bundle: LaneBundle;
let queue: EventQueue;
let healthy: Server;
let hanging: TcpServer;
let calls = 0;
let received = new Set<string>();
let emit: Dispatch;
let http: GuardedPost;
let consumer: EventConsumer | undefined;

beforeAll(async () => {
  bundle = await laneBundle();
  queue = openEventQueue(bundle.redis, bundle.namespace);
  healthy = createServer((request, response) => {
    received.add(String(request.headers['webhook-id']));
    request.resume().on('end', () => response.end());
  });
  hanging = createTcpServer((socket) => {
    calls++;
    socket.on('error', () => {}).resume();
  });
  for (const server of [healthy, hanging])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await queue?.close();
  await bundle?.close();
  healthy?.close();
  hanging?.close();
});
beforeEach(async () => {
  calls = 0;
  received = new Set();
  for (const table of ['webhook_endpoints', 'event_deliveries', 'events', 'outbox'])
    await bundle.db.sql`delete from ${bundle.db.sql(table)}`;
  await queue.queue.obliterate({ force: true });
  http = guardedPost({ allowPrivate: true, timeoutMs: NEVER_MS });
  emit = createEmit({ sql: bundle.db.sql, ring, http, onError: () => {} });
});
afterEach(async () => {
  await consumer?.close();
  consumer = undefined;
  const closed = emit.close();
  await http.close();
  await closed;
});

const consumes = (): void => {
  consumer = consumeEvents({
    connection: workerConnection(bundle.redisUrl, 'survival-test'),
    namespace: bundle.namespace,
    handle: emit.ring,
    onError: () => {},
  });
};
const at = (server: Server | TcpServer, path: string) =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

async function endpoint(appId: string, url: string): Promise<string> {
  const id = randomUUID();
  const { sealed, dataKey, keyId } = seal(ring, 'whsec_c2VjcmV0', `webhook_endpoints/${id}`);
  await bundle.db.sql`
    insert into webhook_endpoints (id, app_id, environment, url, secret, data_key, key_id)
    values (${id}, ${appId}, 'test', ${url}, ${sealed}, ${dataKey}, ${keyId})`;
  return id;
}

/** Events of an app as the trigger writes them: with an outbox row each. */
async function happens(appId: string, events: number): Promise<void> {
  await bundle.db.sql`
    with made as (
      insert into events (app_id, environment, type, data)
      select ${appId}, 'test', 'notification.sent', '{}' from generate_series(1, ${events})
      returning id
    )
    insert into outbox (kind, lane, ids) select 'event.emitted', 'events', array[id] from made`;
}

const relay = () => relayEvents({ sql: bundle.db.sql, queue }).runOnce();
const overdue = () => overdueEvents({ sql: bundle.db.sql, queue }).runOnce();
const delivered = async () =>
  (await bundle.db.sql`select from event_deliveries where state = 'delivered'`).length;

test.each([
  ['first tries', 0],
  ['second tries', 1],
])(
  '4,000 %s at hanging endpoints of one app hold up no event of another app, nor of its own healthy endpoint',
  async (_, tries) => {
    const other = await insertApp(bundle.db.sql);
    for (let k = 0; k < 5; k++) await endpoint(bundle.appId, at(hanging, `/${k}`));
    await happens(bundle.appId, 800);
    await relay();
    await bundle.db.sql`update event_deliveries set tries = ${tries}`;
    expect(await bundle.db.sql`select from event_deliveries`).toHaveLength(4_000);
    consumes();
    await until('every hanging endpoint to be called', () => calls === 5);
    await endpoint(other, at(healthy, '/other'));
    await happens(other, 1);
    await relay();
    await until('the event of the other app', () => received.size === 1);
    await endpoint(bundle.appId, at(healthy, '/own'));
    await happens(bundle.appId, 1);
    await relay();
    await until('the event at the healthy endpoint of the same app', () => received.size === 2);
    await overdue();
    expect(calls).toBe(5);
  },
);

test('an endpoint that answers gets everything that is due for it, whatever jobs there are', async () => {
  await endpoint(bundle.appId, at(healthy, '/'));
  await happens(bundle.appId, 300);
  await relay();
  expect(await queue.waiting()).toBeLessThan(300);
  consumes();
  await until('all to be delivered', async () => (await delivered()) === 300);
});

/** The lost keys of the queue while events wait: by the end of their names. */
const LOSSES: readonly (readonly [string, RegExp])[] = [
  ['the list of waiting jobs', /:wait$/],
  ['the hashes of the jobs', /:[0-9a-f-]{36}_[0-9a-f-]{36}$/],
  ['the marker', /:marker$/],
  ['the meta data', /:meta$/],
  ['the counter of ids', /:id$/],
  ['the event stream', /:events$/],
  ['everything but the hashes', /:(?![0-9a-f-]{36}_)[^:]+$/],
  ['everything', /./],
];

test.each(LOSSES)('waiting events survive the loss of %s', async (_, lost) => {
  await endpoint(bundle.appId, at(healthy, '/'));
  await happens(bundle.appId, 20);
  await relay();
  const keys = await keysOf(bundle.redis, `${eventPrefix(bundle.namespace)}:*`);
  expect(keys.filter((key) => /_/.test(key)).length).toBeGreaterThan(0);
  const doomed = keys.filter((key) => lost.test(key));
  if (doomed.length > 0) await bundle.redis.del(doomed);
  await bundle.db.sql`update event_deliveries set next_try_at = now() - interval '1 minute'`;
  await overdue();
  consumes();
  await until('all to be delivered', async () => (await delivered()) === 20);
  expect(received.size).toBe(20);
});

test.each([
  ['the list of active jobs', 'active'],
  ['the list of waiting jobs', 'wait'],
])('events survive the loss of %s while a worker runs', async (_, name) => {
  await endpoint(bundle.appId, at(healthy, '/'));
  consumes();
  await happens(bundle.appId, 200);
  await relay();
  await bundle.redis.del(queue.queue.toKey(name));
  await until('all to be delivered', async () => {
    // Lease and time as they are after the wait, which the test skips.
    await bundle.db.sql`
      update event_deliveries set next_try_at = now() - interval '1 minute'
      where state = 'pending' and lease_until is null and next_try_at > now() - interval '1 minute'`;
    await overdue();
    return (await delivered()) === 200;
  });
});
