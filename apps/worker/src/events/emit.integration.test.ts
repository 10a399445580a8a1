import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type KeyRing, parseKeyRing, type Sealed, seal, unseal } from '@carillon/core/notification/envelope';
import { TRY_SECONDS } from '@carillon/core/webhook/event';
import { refuseWebhook } from '@carillon/core/webhook/standard-webhook';
import { rewrapSecrets } from '@carillon/db/provider-accounts/rewrap-secrets';
import { patchWebhookEndpoint } from '@carillon/db/webhooks/change-endpoints';
import { claimEventDeliveries } from '@carillon/db/webhooks/claim-event-deliveries';
import { fanOutEvents, replayEvents } from '@carillon/db/webhooks/events';
import { rotateWebhookSecret } from '@carillon/db/webhooks/rotate-webhook-secret';
import { workerConnection } from '@carillon/queue/connection';
import {
  consumeEvents,
  type EventConsumer,
  type EventQueue,
  openEventQueue,
} from '@carillon/queue/event-queue';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { overdueEvents } from '../maintenance/overdue-events.ts';
import type { Dispatch } from './dispatch.ts';
import { createEmit } from './emit.ts';
import { type GuardedPost, guardedPost } from './guarded-post.ts';
import { relayEvents } from './relay-events.ts';

/** A customer: a real server whose answer a test can change. */
interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}
let customer: Server;
let received: Received[] = [];
let answer: { status: number; headers?: Record<string, string> } = { status: 200 };

const ring = parseKeyRing(`k:${Buffer.alloc(32, 5).toString('base64')}`);
if ('problem' in ring) throw new Error(ring.problem);

let bundle: LaneBundle;
let queue: EventQueue;
let consumer: EventConsumer;
let emit: Dispatch;
let http: GuardedPost;
let url: string;

beforeAll(async () => {
  customer = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end('thanks');
    });
  });
  await new Promise<void>((resolve) => customer.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(customer.address() as AddressInfo).port}/hooks`;
  bundle = await laneBundle({ counts: 'kept' });
  queue = openEventQueue(bundle.redis, bundle.namespace);
  http = guardedPost({ allowPrivate: true });
  const fail = (error: unknown) => {
    throw error;
  };
  emit = createEmit({ sql: bundle.db.sql, ring, http, onError: fail });
  consumer = consumeEvents({
    connection: workerConnection(bundle.redisUrl, 'emit-test'),
    namespace: bundle.namespace,
    handle: emit.ring,
    onError: fail,
  });
});
afterAll(async () => {
  await consumer?.close();
  await emit?.close();
  await queue?.close();
  await http?.close();
  await bundle?.close();
  customer?.close();
});
beforeEach(async () => {
  received = [];
  answer = { status: 200 };
  await bundle.db.sql`delete from webhook_endpoints`;
  await bundle.db.sql`delete from event_deliveries`;
  await bundle.db.sql`delete from events`;
  await bundle.db.sql`delete from outbox`;
});

async function endpoint(eventTypes: string[] = [], where = url): Promise<{ id: string; secret: string }> {
  const id = randomUUID();
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const { sealed, dataKey, keyId } = seal(ring as never, secret, `webhook_endpoints/${id}`);
  await bundle.db.sql`
    insert into webhook_endpoints (id, app_id, environment, url, event_types, secret, data_key, key_id)
    values (${id}, ${bundle.appId}, 'test', ${where}, ${eventTypes}, ${sealed}, ${dataKey}, ${keyId})`;
  return { id, secret };
}

/** A notification whose state changes, as any statement of the product may change it. */
async function becomes(state: 'sent' | 'failed'): Promise<string> {
  const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, announced: false });
  await bundle.db.sql`
    update notifications set state = 'sending', lease_token = ${randomUUID()}, lease_until = now() where id = ${id}`;
  await bundle.db.sql`
    update notifications set state = ${state}, lease_token = null, lease_until = null, provider = 'resend' where id = ${id}`;
  return id;
}

const relay = () => relayEvents({ sql: bundle.db.sql, queue }).runOnce();
const deliveries = () => bundle.db.sql`select state, tries, last_status, last_error from event_deliveries`;

test('a change of state reaches the endpoint, signed so that the receiver can check it', async () => {
  const { secret } = await endpoint();
  const id = await becomes('sent');
  await relay();
  const [{ headers, body }] = (await until('the event to arrive', () =>
    received.length > 0 ? received : null,
  )) as [Received];
  const signed = {
    id: String(headers['webhook-id']),
    timestamp: String(headers['webhook-timestamp']),
    signature: String(headers['webhook-signature']),
    body,
  };
  expect(refuseWebhook(signed, [secret], new Date())).toBeNull();
  expect(JSON.parse(body)).toMatchObject({
    type: 'notification.sent',
    timestamp: expect.any(String),
    data: { notification_id: id, status: 'sent', provider: 'resend' },
  });
  await until('the delivery to be recorded', async () => (await deliveries())[0]?.state === 'delivered');
});

test('an app without an endpoint that wants it costs no event at all', async () => {
  await endpoint(['notification.dead']);
  const id = await becomes('sent');
  expect(await bundle.db.sql`select from events where notification_id = ${id}`).toHaveLength(0);
  expect(await relay()).toBe(0);
});

test('a new subscriber gets the next change, on a connection and in a transaction that had no subscriber before', async () => {
  const { sql } = bundle.db;
  const heard = async (id: string) =>
    (await sql<{ type: string }[]>`select type from events where notification_id = ${id}`).map(
      ({ type }) => type,
    );
  const changes = (tx: typeof sql, id: string, state: 'sent' | 'delivered') =>
    tx`update notifications set state = ${state}, lease_token = null, lease_until = null, provider = 'resend' where id = ${id}`;
  const [before, within, after] = await Promise.all(
    [1, 2, 3].map(async () => {
      const id = await insertNotification(sql, { appId: bundle.appId, announced: false });
      await sql`update notifications set state = 'sending', lease_token = ${randomUUID()}, lease_until = now() where id = ${id}`;
      return id;
    }),
  );
  const connection = await sql.reserve();
  try {
    await changes(connection as never, before!, 'sent');
    await connection`begin`;
    await changes(connection as never, within!, 'sent');
    await connection`
      insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
      values (${bundle.appId}, 'test', ${url}, '', '', 'k')`;
    await changes(connection as never, within!, 'delivered');
    await connection`commit`;
    await changes(connection as never, after!, 'sent');
  } finally {
    connection.release();
  }
  expect(await heard(before!)).toEqual([]);
  expect(await heard(within!)).toEqual(['notification.delivered']);
  expect(await heard(after!)).toEqual(['notification.sent']);
});

test('each endpoint gets the events it subscribed to, once each', async () => {
  await endpoint(['notification.sent']);
  await endpoint(['notification.failed']);
  await endpoint([]);
  await becomes('sent');
  await becomes('failed');
  await relay();
  await until('all four to arrive', () => received.length === 4);
  expect(received.map(({ body }) => JSON.parse(body).type).sort()).toEqual([
    'notification.failed',
    'notification.failed',
    'notification.sent',
    'notification.sent',
  ]);
});

test('a failed try comes again with the same id, and a success clears the failures of the endpoint', async () => {
  const { id } = await endpoint();
  answer = { status: 500 };
  await becomes('sent');
  await relay();
  await until('the first try to be recorded', async () => (await deliveries())[0]?.last_status === 500);
  expect(
    (await bundle.db.sql`select failing_since from webhook_endpoints where id = ${id}`)[0]?.failing_since,
  ).not.toBeNull();
  answer = { status: 200 };
  await until('the second try', () => received.length === 2, { timeoutMs: 20_000 });
  expect(received[1]!.headers['webhook-id']).toBe(received[0]!.headers['webhook-id']);
  await until('it to be delivered', async () => (await deliveries())[0]?.state === 'delivered');
  expect(
    (await bundle.db.sql`select failing_since from webhook_endpoints where id = ${id}`)[0]?.failing_since,
  ).toBeNull();
});

test('a redirect is not followed: it is a failed try', async () => {
  await endpoint();
  answer = { status: 302, headers: { location: `${url}/elsewhere` } };
  await becomes('sent');
  await relay();
  await until('the try to be recorded', async () =>
    String((await deliveries())[0]?.last_error ?? '').includes('redirects are not followed'),
  );
  expect(received).toHaveLength(1);
});

test('an endpoint that answers 410, or fails for five days, gets nothing more; the others are notified', async () => {
  const gone = await endpoint(['notification.sent']);
  const other = await endpoint(['webhook_endpoint.disabled']);
  answer = { status: 410 };
  await becomes('sent');
  await relay();
  await until(
    'it to be disabled',
    async () =>
      (await bundle.db.sql`select disabled_at from webhook_endpoints where id = ${gone.id}`)[0]?.disabled_at,
  );
  answer = { status: 200 };
  await relay();
  await until('the other to hear of it', () =>
    received.some(({ body }) => JSON.parse(body).data.endpoint_id === gone.id),
  );
  const failing = await endpoint(['notification.failed']);
  await bundle.db
    .sql`update webhook_endpoints set failing_since = now() - interval '6 days' where id = ${failing.id}`;
  answer = { status: 500 };
  await becomes('failed');
  await relay();
  await until(
    'it to be disabled',
    async () =>
      (await bundle.db.sql`select disabled_reason from webhook_endpoints where id = ${failing.id}`)[0]
        ?.disabled_reason,
  );
  expect(other.id).toBeTruthy();
});

test('events from while the only endpoint was disabled are not sent to it, and can be replayed', async () => {
  const { id } = await endpoint(['notification.sent']);
  const tenant = { appId: bundle.appId, environment: 'test' } as const;
  const enable = (enabled: boolean) => patchWebhookEndpoint(bundle.db.sql, tenant, id, { enabled }, 'key:1');
  const from = new Date();
  const announced = await becomes('sent');
  await enable(false);
  const silent = await becomes('sent');
  await becomes('failed');
  expect(await bundle.db.sql`select from outbox where lane = 'events'`).toHaveLength(1);
  expect(await relay()).toBe(1);
  expect(await deliveries()).toEqual([]);

  await enable(true);
  const range = { from, to: new Date(Date.now() + 1000), eventTypes: [] };
  expect(await replayEvents(bundle.db.sql, tenant, id, range, 10, 'key:1')).toBe(2);
  await overdueEvents({ sql: bundle.db.sql, queue }).runOnce();
  await until('both to arrive', () => received.length === 2);
  const reported = received.map(({ body }) => JSON.parse(body).data.notification_id);
  expect(reported.sort()).toEqual([announced, silent].sort());
});

test('a breaker that opened while the only endpoint was disabled can be replayed too', async () => {
  const { id } = await endpoint(['provider.circuit_opened']);
  await bundle.db.sql`update webhook_endpoints set disabled_at = now() where id = ${id}`;
  await bundle.db.sql`insert into circuit_breakers (account, channel) values ('acme', 'email')`;
  await bundle.db.sql`update circuit_breakers set state = 'open', probe_at = now() where account = 'acme'`;
  expect(await bundle.db.sql`select from events where type = 'provider.circuit_opened'`).toHaveLength(1);
});

test('a delivery whose endpoint was removed is dropped, not tried', async () => {
  const { id } = await endpoint();
  await becomes('sent');
  await bundle.db.sql.begin(async (tx) => {
    await fanOutEvents(tx, 10, 1);
  });
  await bundle.db.sql`delete from webhook_endpoints where id = ${id}`;
  await bundle.db.sql`update event_deliveries set next_try_at = now() - interval '1 minute'`;
  await overdueEvents({ sql: bundle.db.sql, queue }).runOnce();
  await until('it to be dropped', async () => (await deliveries())[0]?.state === 'dropped');
  expect(received).toHaveLength(0);
});

test('events whose jobs were lost with Redis are found and delivered, each once', async () => {
  await endpoint();
  await becomes('sent');
  await bundle.db.sql.begin(async (tx) => {
    await fanOutEvents(tx, 10, 1);
  });
  await bundle.db.sql`update event_deliveries set next_try_at = now() - interval '1 minute'`;
  const duty = overdueEvents({ sql: bundle.db.sql, queue });
  await Promise.all([duty.runOnce(), duty.runOnce()]);
  await until('it to be delivered', async () => (await deliveries())[0]?.state === 'delivered');
  expect(received).toHaveLength(1);
});

test('a replay comes at once, also of an event whose next try is hours away', async () => {
  const { id } = await endpoint();
  await becomes('sent');
  await bundle.db.sql.begin((tx) => fanOutEvents(tx, 10, 1));
  const [row] = await bundle.db.sql`
    update event_deliveries set tries = 6, next_try_at = now() + interval '10 hours' returning event_id`;
  const job = { v: 1, event: String(row!.event_id), endpoint: id } as const;
  await queue.queue.add('emit', job, { jobId: `${job.event}_${id}`, delay: 36_000_000 });
  const tenant = { appId: bundle.appId, environment: 'test' } as const;
  const lastHour = { from: new Date(Date.now() - 3_600_000), to: new Date(), eventTypes: [] };
  expect(await replayEvents(bundle.db.sql, tenant, id, lastHour, 10, 'key:1')).toBe(1);
  await overdueEvents({ sql: bundle.db.sql, queue }).runOnce();
  await until('it to be delivered', async () => (await deliveries())[0]?.state === 'delivered');
  expect(received).toHaveLength(1);
});

const tenant = () => ({ appId: bundle.appId, environment: 'test' }) as const;

/** Rotates as the API does. @returns the new secret */
async function rotate(id: string, overlapSeconds: number): Promise<string> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const sealed = seal(ring as never, secret, `webhook_endpoints/${id}`);
  const { outcome } = await rotateWebhookSecret(bundle.db.sql, tenant(), id, sealed, overlapSeconds, 'key:1');
  expect(outcome).toBe('rotated');
  return secret;
}

/** Sends one event. @returns for each secret the result of a receiver that knows only that one: null means verified. */
async function saidBy(secrets: readonly string[]): Promise<(string | null)[]> {
  received = [];
  await becomes('sent');
  await relay();
  await until('the event to arrive', () => received.length === 1);
  const { headers, body } = received[0]!;
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  ) as [string, string, string];
  return secrets.map((each) => refuseWebhook({ id, timestamp, signature, body }, [each], new Date()));
}

test('after several rotations every secret signs until its own overlap ends, and an overlap of 0 ends all', async () => {
  const { id, secret: first } = await endpoint();
  const second = await rotate(id, 7_200);
  const third = await rotate(id, 3_600);
  const secrets = [first, second, third];
  expect(await saidBy(secrets)).toEqual([null, null, null]);
  await bundle.db.sql`update webhook_endpoints set previous_until = now()`;
  expect(await saidBy(secrets)).toEqual([null, 'forged', null]);
  await bundle.db.sql`
    update webhook_endpoints set older_secrets = jsonb_set(older_secrets, '{0,until}', to_jsonb(now()::text))`;
  expect(await saidBy(secrets)).toEqual(['forged', 'forged', null]);
  const fourth = await rotate(id, 3_600);
  expect(await saidBy([...secrets, fourth])).toEqual(['forged', 'forged', null, null]);
  const fifth = await rotate(id, 0);
  expect(await saidBy([third, fourth, fifth])).toEqual(['forged', 'forged', null]);
});

test('a rotation of the sealing keys wraps all secrets of an endpoint, which open with the new key alone', async () => {
  const { id, secret: first } = await endpoint();
  const second = await rotate(id, 7_200);
  const third = await rotate(id, 3_600);
  const next = `n:${Buffer.alloc(32, 6).toString('base64')}`;
  const both = parseKeyRing(`${next},k:${Buffer.alloc(32, 5).toString('base64')}`) as KeyRing;
  expect(await rewrapSecrets(bundle.db.sql, both)).toEqual({ rewrapped: 3, current: 0 });
  await becomes('sent');
  await bundle.db.sql.begin((tx) => fanOutEvents(tx, 10, 1));
  const [work] = await claimEventDeliveries(bundle.db.sql, [{ endpointId: id, limit: 1 }], 1_000);
  const [claimed] = work!.claimed;
  const open = (columns: Sealed) => unseal(parseKeyRing(next) as KeyRing, columns, `webhook_endpoints/${id}`);
  expect([claimed!.secret, ...claimed!.earlier].map(open)).toEqual([third, second, first]);
});

test('an endpoint whose secret does not open fails by the schedule with the remedy in its reason, and a rotation fixes it', async () => {
  const { id } = await endpoint();
  const lost = parseKeyRing(`lost:${Buffer.alloc(32, 9).toString('base64')}`) as KeyRing;
  const sealedBefore = seal(lost, 'whsec_bG9zdA==', `webhook_endpoints/${id}`);
  await bundle.db.sql`
    update webhook_endpoints
    set secret = ${sealedBefore.sealed}, data_key = ${sealedBefore.dataKey}, key_id = ${sealedBefore.keyId}`;
  await becomes('sent');
  await relay();
  await until('the try to be recorded', async () => (await deliveries())[0]?.last_error);
  expect(await deliveries()).toMatchObject([{ state: 'pending', tries: 1, last_status: null }]);
  const [{ last_error: words }] = (await deliveries()) as unknown as [{ last_error: string }];
  expect(words).toContain('add it to ENCRYPTION_KEYS again. Or rotate the secret');
  const failing = await bundle.db
    .sql`select from webhook_endpoints where id = ${id} and failing_since is not null`;
  expect(failing).toHaveLength(1);

  const last = TRY_SECONDS.length - 1;
  await bundle.db.sql`update event_deliveries set tries = ${last}, next_try_at = now() - interval '1 minute'`;
  await overdueEvents({ sql: bundle.db.sql, queue }).runOnce();
  await until('it to end', async () => (await deliveries())[0]?.state === 'failed');
  expect(received).toHaveLength(0);

  const secret = await rotate(id, 3_600);
  expect(await saidBy([secret])).toEqual([null]);
});

test('a URL that leads into a private network is refused at the moment of the call', async () => {
  const guarded = guardedPost({ allowPrivate: false });
  for (const where of [
    url,
    url.replace('127.0.0.1', 'localhost'),
    'http://[::1]:9/',
    'http://169.254.169.254/',
  ])
    expect(await guarded.post(where, {}, '{}')).toMatchObject({
      error: expect.stringMatching(/private network|ADDRESS_REFUSED|ENOTFOUND|EAI_AGAIN/),
    });
  expect(received).toHaveLength(0);
  await guarded.close();
});
