import { randomUUID } from 'node:crypto';
import { LANES } from '@carillon/core/notification/lane';
import { knowArrays } from '@carillon/db/connection/arrays';
import { measureDoubts } from '@carillon/db/doubts/measure-doubts';
import { countDead } from '@carillon/db/notifications/count-dead';
import { measureOutbox } from '@carillon/db/outbox/measure-outbox';
import { countPendingEvents } from '@carillon/db/webhooks/count-pending-events';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification } from '../../../../test/support/rows.ts';
import { createMetrics } from '../metrics.ts';
import type { Duty } from '../service.ts';
import { measure } from './measure.ts';

let bundle: LaneBundle;
let duty: Duty;
let metrics: ReturnType<typeof createMetrics>;
let now: number;

beforeEach(async () => {
  bundle = await laneBundle();
  metrics = createMetrics();
  now = Date.now();
  const { db, redis, producer } = bundle;
  duty = measure({ sql: db.sql, redis, producer, gauges: metrics.leader, now: () => now });
});
afterEach(() => bundle.close());

/** The samples of a metric by their labels, as they are exported. */
async function exported(name: string): Promise<Record<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, labels = '', value] = new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`).exec(line) ?? [];
      return value === undefined ? [] : [[labels.replaceAll('"', ''), Number(value)]];
    }),
  );
}

const outboxRow = (lane: string, ageSeconds: number, version = 1) => bundle.db.sql`
  insert into outbox (lane, ids, version, created_at)
  values (${lane}, array[${randomUUID()}::uuid], ${version}, now() - ${ageSeconds} * interval '1 second')`;

test('outbox: rows by version, and how long the oldest due one that is understood has waited', async () => {
  await outboxRow('email-bulk', 3600, 99);
  await outboxRow('email-bulk', 100);
  await outboxRow('email-bulk', 10);
  await outboxRow('events', 30);
  await bundle.db.sql`
    insert into outbox (lane, ids, available_at) values ('sms-critical', array[${randomUUID()}::uuid], now() + interval '1 h')`;
  await duty.runOnce();
  const rows = await exported('carillon_outbox_rows');
  expect(rows).toMatchObject({
    'lane=email-bulk,version=known': 2,
    'lane=email-bulk,version=unknown': 1,
    'lane=events,version=known': 1,
    'lane=events,version=unknown': 0,
    'lane=sms-critical,version=known': 1,
  });
  expect(Object.keys(rows)).toHaveLength((LANES.length + 1) * 2);
  const lag = await exported('carillon_relay_lag_seconds');
  expect(lag['lane=email-bulk']).toBeGreaterThanOrEqual(100);
  expect(lag['lane=email-bulk']).toBeLessThan(160);
  expect(lag['lane=events']).toBeGreaterThanOrEqual(30);
  expect(lag['lane=sms-critical']).toBe(0);
  expect(lag['lane=push-normal']).toBe(0);
});

test('doubts: how many wait for evidence or a person, and since when the oldest call is doubtful', async () => {
  const { sql } = bundle.db;
  const doubt = async (ageSeconds: number, isHeld: boolean): Promise<void> => {
    const id = await insertNotification(sql, {
      appId: bundle.appId,
      state: 'in_doubt',
      nextAttemptAt: isHeld ? null : new Date(),
    });
    await sql`update notifications set attempt_count = 1 where id = ${id}`;
    await sql`
      insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome)
      values (${id}, 1, 'written', 'email', 'smtp', now() - ${ageSeconds} * interval '1 second', now(), 'in_doubt')`;
  };
  await duty.runOnce();
  expect(await exported('carillon_doubts_oldest_seconds')).toEqual({
    'waits_for=evidence': 0,
    'waits_for=person': 0,
  });
  await doubt(50, false);
  await doubt(500, false);
  await doubt(5000, true);
  await duty.runOnce();
  expect(await exported('carillon_doubts_open')).toEqual({ 'waits_for=evidence': 2, 'waits_for=person': 1 });
  const oldest = await exported('carillon_doubts_oldest_seconds');
  expect(Math.floor(oldest['waits_for=evidence']! / 100)).toBe(5);
  expect(Math.floor(oldest['waits_for=person']! / 100)).toBe(50);
});

test('dead notifications and events that wait', async () => {
  const { sql } = bundle.db;
  for (const state of ['dead', 'dead', 'failed', 'skipped'] as const)
    await insertNotification(sql, { appId: bundle.appId, state });
  const [endpoint] = await sql<[{ id: string }]>`
    insert into webhook_endpoints (app_id, environment, url, secret, data_key, key_id)
    values (${bundle.appId}, 'test', 'https://hooks.example.test', ''::bytea, ''::bytea, 'k') returning id`;
  const [event] = await sql<[{ id: string }]>`
    insert into events (app_id, environment, type, data) values (${bundle.appId}, 'test', 'test', '{}') returning id`;
  await sql`
    insert into event_deliveries (event_id, endpoint_id, next_try_at) values (${event.id}, ${endpoint.id}, now())`;
  await duty.runOnce();
  expect(await exported('carillon_dead_notifications')).toEqual({ '': 2 });
  expect(await exported('carillon_events_pending')).toEqual({ '': 1 });
  await sql`update event_deliveries set state = 'delivered', next_try_at = null`;
  await duty.runOnce();
  expect(await exported('carillon_events_pending')).toEqual({ '': 0 });
});

test('lanes: jobs by state, and how long the oldest has waited since it was due', async () => {
  const { producer } = bundle;
  await producer.publish('email-normal', { ids: [randomUUID(), randomUUID()] });
  await producer.publish('email-normal', { ids: [randomUUID()], delayMs: 60_000 });
  await producer.queue('email-normal').add('canary', { v: 1, canary: true } as never, { lifo: true });
  now += 12_000;
  await duty.runOnce();
  expect(await exported('carillon_lane_jobs')).toMatchObject({
    'lane=email-normal,state=waiting': 3,
    'lane=email-normal,state=delayed': 1,
    'lane=email-normal,state=active': 0,
    'lane=email-normal,state=failed': 0,
    'lane=sms-bulk,state=waiting': 0,
  });
  const oldest = await exported('carillon_lane_oldest_seconds');
  expect(oldest['lane=email-normal']).toBeGreaterThanOrEqual(11);
  expect(oldest['lane=email-normal']).toBeLessThan(72);
  expect(oldest['lane=sms-bulk']).toBe(0);
});

test('a job that was made long ago and came out of its delay a moment ago has not waited long', async () => {
  const { producer } = bundle;
  await producer.publish('sms-critical', { ids: ['x'], delayMs: 300_000 });
  const job = (await producer.queue('sms-critical').getJob('x'))!;
  await job.promote();
  now += 300_000;
  await duty.runOnce();
  expect((await exported('carillon_lane_oldest_seconds'))['lane=sms-critical']).toBeLessThan(60);
});

test('memory of Redis, as Redis reports it', async () => {
  await duty.runOnce();
  const { used, max } = Object.fromEntries(
    Object.entries(await exported('carillon_redis_memory_bytes')).map(([label, value]) => [
      label.slice(5),
      value,
    ]),
  ) as { used: number; max: number };
  const [, configured] = (await bundle.redis.config('GET', 'maxmemory')) as string[];
  expect(max).toBe(Number(configured));
  expect(used).toBeGreaterThan(500_000);
});

test('a relay that a restore under review holds back is not late, and its rows are counted', async () => {
  const { db, redis, producer } = bundle;
  await outboxRow('email-bulk', 100);
  await outboxRow('email-normal', 100);
  const holds = (lane: string): boolean => lane === 'email-bulk';
  await measure({ sql: db.sql, redis, producer, gauges: metrics.leader, holds }).runOnce();
  const lag = await exported('carillon_relay_lag_seconds');
  expect(lag['lane=email-bulk']).toBe(0);
  expect(lag['lane=email-normal']).toBeGreaterThan(99);
  expect((await exported('carillon_outbox_rows'))['lane=email-bulk,version=known']).toBe(1);
});

test('where a server is away its gauges are absent, and those of the other are measured', async () => {
  const { db, redis } = bundle;
  await duty.runOnce();
  const away = { ...bundle.producer, depth: async () => Promise.reject(new Error('Redis is away')) };
  const half = measure({ sql: db.sql, redis, producer: away, gauges: metrics.leader });
  await expect(half.runOnce()).rejects.toThrow('Redis is away');
  expect(await exported('carillon_lane_jobs')).toEqual({});
  expect(await exported('carillon_redis_memory_bytes')).toEqual({});
  expect(await exported('carillon_dead_notifications')).toEqual({ '': 0 });
  duty.standDown?.();
  expect(await exported('carillon_dead_notifications')).toEqual({});
  expect(await exported('carillon_outbox_rows')).toEqual({});
});

test('with 100,000 notifications and 50,000 outbox rows no query reads a whole table', async () => {
  const { sql } = bundle.db;
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content, idempotency_key, request_hash)
    select gen_random_uuid(), ${bundle.appId}, case when n % 100 = 0 then 'dead' when n % 100 = 1 then 'in_doubt' else 'skipped' end,
      'test', 'bulk', 'email', array['email'], '{"email":"a@b.test"}', '{"text":"t"}', 'key-' || n, '\\x00'
    from generate_series(1, 100000) n`;
  await sql`
    insert into outbox (lane, ids)
    select (array['email-bulk', 'sms-bulk', 'events'])[1 + n % 3], array[gen_random_uuid()]
    from generate_series(1, 50000) n`;
  await sql`analyze notifications`;
  await sql`analyze outbox`;

  const sent: { query: string; parameters: unknown[] }[] = [];
  // Without the settings of the hot pool, which forbid reading whole tables.
  const plain = postgres(bundle.databaseUrl, {
    max: 1,
    fetch_types: false,
    debug: (_connection, query, parameters) => sent.push({ query, parameters }),
  });
  knowArrays(plain);
  try {
    expect(await countDead(plain)).toBe(1000);
    expect((await measureDoubts(plain)).map(({ count }) => count)).toEqual([0, 1000]);
    expect((await measureOutbox(plain)).find(({ lane }) => lane === 'email-bulk')?.known).toBe(10_000);
    expect(await countPendingEvents(plain)).toBe(0);
    const measured = sent.splice(0);
    expect(measured).toHaveLength(4);
    for (const { query, parameters } of measured) {
      const rows = await plain.unsafe<{ 'QUERY PLAN': string }[]>(`explain ${query}`, parameters as never[]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index (Only )?Scan|Bitmap Index Scan/);
      expect(plan).not.toMatch(/Seq Scan on (notifications|outbox|event_deliveries)/);
    }
  } finally {
    await plain.end();
  }
}, 90_000);
