import { randomUUID } from 'node:crypto';
import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection } from '@carillon/queue/connection';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type TestRedis, testRedis } from '../../../../test/support/redis.ts';
import { until } from '../../../../test/support/until.ts';
import { createDemandBoard } from './demand-board.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

let database: TestDatabase;
let redis: TestRedis;
let connection: RedisClient;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  connection = producerConnection(redis.url, 'test');
  await until('redis', () => connection.status === 'ready');
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  connection.disconnect();
  await redis.clean();
  await database.drop();
});

test('every answer carries the remaining quota, and requests beyond the limit get 429 with Retry-After', async () => {
  const key = await api.key({ ratePerSecond: 3 });
  const get = () => api.request('GET', '/v1/nothing-there', undefined, { key });
  const first = await get();
  expect(first.headers.get('ratelimit-limit')).toBe('3');
  expect(first.headers.get('ratelimit-remaining')).toBe('2');
  expect(first.headers.get('ratelimit-reset')).toBe('1');
  let refused = first;
  for (let n = 0; n < 20 && refused.status !== 429; n++) refused = await get();
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({
    code: 'rate_limited',
    detail: expect.stringContaining('3 requests per second'),
  });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  expect((await api.request('GET', '/v1/nothing-there')).status).toBe(404);
});

describe('two processes', () => {
  let now = Date.now();
  const clock = () => now;
  const boards = () => {
    const namespace = `${redis.namespace}-${randomUUID()}`;
    return ['a', 'b'].map((name) => createRateLimiter(createDemandBoard(connection, namespace, name), clock));
  };
  /** Sends at this rate to one process for a second, and returns how many requests were admitted. */
  const second = (limiter: RateLimiter, asked: number): number => {
    let allowed = 0;
    for (let n = 0; n < asked; n++) if (limiter.take('key', 100).allowed) allowed++;
    return allowed;
  };
  const rounds = async (limiters: RateLimiter[], asked: number[], count: number): Promise<number[]> => {
    let allowed: number[] = [];
    for (let round = 0; round < count; round++) {
      now += 1_000;
      allowed = limiters.map((limiter, index) => second(limiter, asked[index]!));
      for (const limiter of limiters) await limiter.level();
    }
    return allowed;
  };

  test('share a key\u2019s limit by the demand of each', async () => {
    const limiters = boards();
    const even = await rounds(limiters, [500, 500], 4);
    expect(even.map((n) => Math.abs(n - 50) <= 1)).toEqual([true, true]);
    const uneven = await rounds(limiters, [500, 20], 4);
    expect(uneven[1]).toBe(20);
    expect(uneven[0]).toBeGreaterThanOrEqual(78);
    expect(uneven[0]).toBeLessThanOrEqual(82);
  });

  test('keep their shares while Redis is unavailable', async () => {
    const away = producerConnection(redis.url, 'away');
    await until('redis', () => away.status === 'ready');
    const namespace = `${redis.namespace}-${randomUUID()}`;
    const limiters = ['a', 'b'].map((name) =>
      createRateLimiter(createDemandBoard(away, namespace, name), clock),
    );
    await rounds(limiters, [500, 500], 3);
    away.disconnect();
    const allowed = await rounds(limiters, [500, 500], 3);
    expect(allowed.every((n) => n >= 45 && n <= 55)).toBe(true);
  });
});
