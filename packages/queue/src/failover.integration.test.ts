import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLimiter } from '@carillon/limiter/limiter';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisPair, startRedisPair } from '../../../test/support/redis-failover.ts';
import { until } from '../../../test/support/until.ts';
import { producerConnection, workerConnection } from './connection.ts';
import { consume } from './consumer.ts';
import { createProducer } from './producer.ts';
import { watchWrites } from './write-watch.ts';

const LANE = 'email-critical';
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-failover-'));
let pair: RedisPair;

beforeAll(async () => {
  pair = await startRedisPair(dir);
});
afterAll(async () => {
  await pair.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('a failover that leaves the sockets open is followed by all: jobs, sleepers, permits', async () => {
  const namespace = `f${randomUUID().slice(0, 8)}`;
  const publishing = producerConnection(pair.url, 'publishing');
  const working = workerConnection(pair.url, 'working');
  const limiter = createLimiter({ redisUrl: pair.url, namespace, onError: () => {} });
  const producer = createProducer(publishing, namespace);
  const handled: string[] = [];
  const consumer = consume({
    lane: LANE,
    connection: working,
    namespace,
    onError: () => {},
    handle: async ({ data }) => {
      if ('id' in data) handled.push(data.id);
      return { verdict: 'done' };
    },
  });
  const published = async (id: string) => {
    // As the relay: unpublished rows stay in the outbox and are published again.
    await until(
      'it to be published',
      () =>
        producer.publish(LANE, { ids: [id] }).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 20_000 },
    );
    await until('it to be handled', () => handled.includes(id), { timeoutMs: 20_000 });
  };
  const permitted = async () =>
    until(
      'a permit',
      async () =>
        (
          await limiter
            .permit({ id: 'acme', ratePerSecond: 50 } as never, 'critical', 2_000)
            .catch(() => ({ granted: false }))
        ).granted,
      { timeoutMs: 20_000 },
    );
  await until('Redis', () => publishing.status === 'ready');
  await published(randomUUID());
  await permitted();
  for (let turn = 0; turn < 2; turn++) {
    await pair.failOver();
    await published(randomUUID());
    await permitted();
  }
  await consumer.close();
  await producer.close();
  await limiter.close();
  for (const redis of [publishing, working]) redis.disconnect();
});

test('a Redis that answers and refuses writes is distinguished from one that is away, with the time since when', async () => {
  let now = 0;
  const replica = producerConnection(pair.replica(), 'reading');
  const watch = watchWrites(replica, 'watched', () => now);
  await until('writes to be refused', async () => (await watch.look()) === 'read_only');
  now += 6_000;
  expect(watch.refusedForMs()).toBe(6_000);
  replica.disconnect();
  expect(await watch.look()).toBe('down');
  expect(watch.refusedForMs()).toBe(6_000);
  const main = producerConnection(pair.writable(), 'writing');
  await until('Redis', () => main.status === 'ready');
  expect(await watchWrites(main, 'watched').look()).toBe('ok');
  main.disconnect();
});
