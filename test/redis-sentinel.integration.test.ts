import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLimiter } from '@carillon/limiter/limiter';
import { producerConnection, subscriberConnection, workerConnection } from '@carillon/queue/connection';
import { consume } from '@carillon/queue/consumer';
import { createProducer } from '@carillon/queue/producer';
import { watchWrites } from '@carillon/queue/write-watch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRedis } from '../apps/admin/src/doctor/redis.ts';
import { startSentinels, type TestSentinels } from './support/redis-sentinels.ts';
import { until } from './support/until.ts';

/** A primary with a replica, watched by three Sentinels; the tests go on with what the one before has left. */
const NAMESPACE = 'watched';
let dir: string;
let sentinels: TestSentinels;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-sentinels-'));
  sentinels = await startSentinels(dir);
}, 120_000);
afterAll(async () => {
  for (const each of closing.reverse()) await each();
  await sentinels.stop();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

const opened = <Client extends { disconnect(): void }>(client: Client): Client => {
  closing.push(() => client.disconnect());
  return client;
};
const levelOf = async (check: string, url = sentinels.url) =>
  (await checkRedis(url)).find((finding) => finding.check === check)?.level;

test('the doctor looks at the Sentinels and at the primary', async () => {
  expect([await levelOf('redis sentinels'), await levelOf('redis writes')]).toEqual(['ok', 'ok']);
});

test('a name that no Sentinel knows is said with the remedy, by the doctor and by the readiness', async () => {
  const url = sentinels.url.replace(/[^/]*$/, 'other');
  const [finding] = await checkRedis(url);
  expect(finding).toMatchObject({ check: 'redis sentinels', level: 'error' });
  expect(finding!.message).toContain('knows no master "other"');
  const watch = watchWrites(opened(producerConnection(url, 'test')), NAMESPACE);
  await until(
    'the trouble',
    async () => (await watch.look()) === 'down' && watch.trouble()?.problem.code === 'NO_MASTER',
  );
  expect(watch.trouble()!.logged.sentence).toMatch(/cannot be found through its Sentinels.*REDIS_URL/);
  expect(watch.trouble()!.problem.message).not.toContain('127.0.0.1');
});

test('after a failover lanes, permits and subscriptions go on at the new primary', async () => {
  const redis = opened(producerConnection(sentinels.url, 'test'));
  const subscriber = opened(subscriberConnection(sentinels.url, 'test'));
  const worker = opened(workerConnection(sentinels.url, 'test'));
  const watch = watchWrites(redis, NAMESPACE);
  await until('the primary', async () => (await watch.look()) === 'ok');
  const producer = createProducer(redis, NAMESPACE);
  const limiter = createLimiter({ redisUrl: sentinels.url, namespace: NAMESPACE });
  const done = new Set<string>();
  const [before, after] = [randomUUID(), randomUUID()];
  const consumer = consume({
    lane: 'email-normal',
    connection: worker,
    namespace: NAMESPACE,
    handle: async ({ data }) => {
      if ('id' in data) done.add(data.id);
      return { verdict: 'done' };
    },
    onError: () => {},
  });
  closing.push(
    () => producer.close(),
    () => limiter.close(),
    () => consumer.close(),
  );
  const permitted = async () =>
    (await limiter.permit({ id: 'acme', ratePerSecond: 50 }, 'normal', 1_000)).granted;
  await producer.publish('email-normal', { ids: [before] });
  await until('the first job', () => done.has(before));
  await until('a permit', permitted);

  await sentinels.failOver();
  await until('writes at the new primary', async () => (await watch.look()) === 'ok', { timeoutMs: 30_000 });
  await until('a publication', () => producer.publish('email-normal', { ids: [after] }).then(() => true));
  await until('the job after the failover', () => done.has(after), { timeoutMs: 30_000 });
  await until('a permit after the failover', permitted, { timeoutMs: 30_000 });
  await until('the subscriber', () => subscriber.status === 'ready', { timeoutMs: 30_000 });
});

test('a Sentinel that is away is a warning: the others lead to the primary', async () => {
  await sentinels.endSentinel(0);
  expect(await levelOf('redis sentinels')).toBe('warning');
  const redis = opened(producerConnection(sentinels.url, 'test'));
  await until('the primary', () => redis.status === 'ready');
});
