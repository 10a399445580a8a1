import { randomUUID } from 'node:crypto';
import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { createLaneReader, type LaneReader } from '@carillon/queue/read-lanes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { testRedis } from '../../../../../test/support/redis.ts';
import { insertNotification } from '../../../../../test/support/rows.ts';
import { until } from '../../../../../test/support/until.ts';

const server = testRedis();
let database: TestDatabase;
let redis: RedisClient;
let producer: Producer;
let lanes: LaneReader;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  redis = producerConnection(server.url, 'test');
  await until('Redis', () => redis.status === 'ready');
  producer = createProducer(redis, server.namespace);
  lanes = createLaneReader(redis, server.namespace);
  api = await apiUnderTest(database.url, { lanes });
});
afterAll(async () => {
  await lanes.close();
  await producer.close();
  redis.disconnect();
  await server.clean();
  await api.close();
  await database.drop();
});

const read = (key?: string) => api.request('GET', '/v1/lanes', undefined, key === undefined ? {} : { key });
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
const laneOf = (body: any, lane: string) => body.data.find((each: { lane: string }) => each.lane === lane);

test('every lane shows what waits, is delayed and failed in it, how old it is, and whether it is paused', async () => {
  await producer.publish('email-normal', { ids: [randomUUID(), randomUUID()] });
  await producer.publish('email-normal', { ids: [randomUUID()], delayMs: 60_000 });
  await producer.queue('sms-critical').pause();
  await insertNotification(api.db.sql, { appId: api.appId, channel: 'sms', priority: 'critical' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { status, body } = await read();
  expect(status).toBe(200);
  expect(body).toMatchObject({ redis: 'ok', next_cursor: null });
  expect(body.data).toHaveLength(13);
  expect(laneOf(body, 'email-normal')).toMatchObject({
    channel: 'email',
    priority: 'normal',
    jobs: { waiting: 2, active: 0, delayed: 1, failed: 0 },
    paused: false,
    outbox: { waiting: 0, oldest_due_seconds: 0, newer_release: 0 },
  });
  const { oldest_waiting_seconds: age } = laneOf(body, 'email-normal');
  expect(age).toBeGreaterThanOrEqual(0.3);
  expect(age).toBeLessThan(30);
  const sms = laneOf(body, 'sms-critical');
  expect(sms).toMatchObject({ paused: true, outbox: { waiting: 1 }, oldest_waiting_seconds: 0 });
  expect(laneOf(body, 'events')).toMatchObject({ channel: null, priority: null, jobs: { waiting: 0 } });
});

test('twenty people who look at once ask Redis once', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const calls = async () =>
    Number(/cmdstat_lrange:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  await read();
  const first = await calls();
  await Promise.all(Array.from({ length: 20 }, () => read()));
  expect((await calls()) - first).toBeLessThan(10);
});

test('without an answer of Redis the outbox is shown all the same, and the answer says so', async () => {
  const silent = await apiUnderTest(database.url, { lanes: { read: () => Promise.resolve(null) } });
  const { status, body } = await silent.request('GET', '/v1/lanes');
  expect([status, body.redis]).toEqual([200, 'down']);
  expect(laneOf(body, 'sms-critical')).toMatchObject({ jobs: null, paused: null, outbox: { waiting: 1 } });
  await silent.close();
  const without = await apiUnderTest(database.url);
  expect((await without.request('GET', '/v1/lanes')).body.redis).toBe('not_configured');
  await without.close();
});

test('a Redis that is gone is answered within a second', async () => {
  const away = producerConnection('redis://127.0.0.1:1', 'test');
  const reader = createLaneReader(away, server.namespace);
  const beganAt = performance.now();
  expect(await reader.read()).toBeNull();
  expect(performance.now() - beganAt).toBeLessThan(1_500);
  await reader.close();
  away.disconnect();
});

test('only a key with the scope overview:read sees them', async () => {
  expect((await read(await api.key({ scopes: ['overview:read'] }))).status).toBe(200);
  expect((await read(await api.key({ scopes: ['providers:read'] }))).status).toBe(403);
});
