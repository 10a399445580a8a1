import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import type { RedisClient } from './connection.ts';
import { producerConnection, workerConnection } from './connection.ts';
import { type Consumer, consume } from './consumer.ts';
import { createProducer, type Producer } from './producer.ts';

const LANE = 'email-normal';
const server = testRedis();
let connections: RedisClient[];
let producer: Producer;
let consumer: Consumer;
let handled: string[];
/** What a job in hand waits for. */
let gate: Promise<void>;

beforeEach(async () => {
  handled = [];
  gate = Promise.resolve();
  connections = [workerConnection(server.url, 'test'), producerConnection(server.url, 'test')];
  await until('Redis', () => connections.every(({ status }) => status === 'ready'));
  producer = createProducer(connections[1]!, server.namespace);
  consumer = consume({
    lane: LANE,
    connection: connections[0]!,
    namespace: server.namespace,
    onError: (error) => {
      throw error;
    },
    handle: async ({ data }) => {
      if ('id' in data) handled.push(data.id);
      await gate;
      return { verdict: 'done' };
    },
  });
});
afterEach(async () => {
  await consumer.close();
  await producer.close();
  for (const connection of connections) connection.disconnect();
  await server.clean();
});

const publish = async (count: number): Promise<string[]> => {
  const ids = Array.from({ length: count }, () => randomUUID());
  await producer.publish(LANE, { ids });
  return ids;
};
const all = (ids: readonly string[]) =>
  until('every job to be handled', () => ids.every((id) => handled.includes(id)), { timeoutMs: 20_000 });

test('a paused lane keeps its jobs where they are, and goes on when it is resumed', async () => {
  await all(await publish(1));
  consumer.pause();
  const ids = await publish(30);
  // A fetch in flight may still bring one.
  await until('the lane to stand still', async () => {
    const { waiting, delayed, active } = await producer.depth(LANE);
    return waiting + (handled.length - 1) === 30 && delayed === 0 && active === 0;
  });
  expect(handled.length).toBeLessThanOrEqual(2);
  consumer.resume();
  await all(ids);
});

test('a lane that was paused for so long that BullMQ ended its loop runs again', async () => {
  consumer.pause();
  await until('the loop to end', () => !consumer.running());
  const ids = await publish(3);
  consumer.resume();
  await all(ids);
});

test('a lane whose every slot is taken by jobs that wait in hand fetches again when it is resumed', async () => {
  let release = (): void => {};
  gate = new Promise((resolve) => {
    release = resolve;
  });
  const ids = await publish(80);
  await until('all slots to be taken', () => handled.length === 50);
  consumer.pause();
  consumer.resume();
  release();
  await all(ids);
});

test('pausing and resuming in any order, any number of times, loses no job', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 100; n++) {
    if (n % 3 === 0) consumer.resume();
    else consumer.pause();
    ids.push(...(await publish(2)));
  }
  // As the breakers do: repeated while it may run.
  await until('every job to be handled', () => {
    consumer.resume();
    return ids.every((id) => handled.includes(id));
  });
});
