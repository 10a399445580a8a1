import type { Priority } from '@carillon/core/notification/priority';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Tunnel, tunnelTo } from '../../../test/contract/breakable-tunnel.ts';
import { testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import { createLimiter, type Limiter, leaseSize } from './limiter.ts';
import { bottleneckClient } from './redis-for-bottleneck.ts';

const redis = testRedis();
const limiters: Limiter[] = [];
let tests = 0;

function limiter(redisUrl = redis.url, namespace = `${redis.namespace}-${tests}`): Limiter {
  const made = createLimiter({ redisUrl, namespace });
  limiters.push(made);
  return made;
}

beforeAll(() => redis.clean());
afterEach(async () => {
  tests++;
  await Promise.all(limiters.splice(0).map((each) => each.close()));
});
afterAll(() => redis.clean());

/** Requests permits without pause until the time is up. @returns the moments at which permits were granted. */
async function drain(
  each: Limiter,
  rate: number,
  forMs: number,
  priority: Priority = 'bulk',
): Promise<number[]> {
  const granted: number[] = [];
  const end = Date.now() + forMs;
  const caller = async (): Promise<void> => {
    while (Date.now() < end) {
      const permit = await each.permit({ id: 'acme', ratePerSecond: rate }, priority, 1_000);
      if (permit.granted && Date.now() <= end) granted.push(Date.now());
      if (permit.granted) continue;
      await new Promise((resolve) => setTimeout(resolve, Math.min(permit.retryInMs, 50)));
    }
  };
  await Promise.all(Array.from({ length: 40 }, caller));
  return granted;
}

function mostInOneSecond(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let end = 0, begin = 0; end < sorted.length; end++) {
    while (sorted[end]! - sorted[begin]! >= 1_000) begin++;
    most = Math.max(most, end - begin + 1);
  }
  return most;
}

test.each([3, 7, 12, 15, 0.7])(
  'a rate of %s a second, whose leases end between two milliseconds, is granted',
  async (rate) => {
    const errors: unknown[] = [];
    const client = {
      redisUrl: redis.url,
      namespace: `${redis.namespace}-${rate}`,
      onError: (error: unknown) => errors.push(error),
    };
    const each = createLimiter(client);
    limiters.push(each);
    const permits = await Promise.all(
      [1, 2].map(() => each.permit({ id: 'acme', ratePerSecond: rate }, 'normal', 5_000)),
    );
    expect(errors).toEqual([]);
    expect(permits.map((permit) => permit.granted)).toEqual([true, true]);
  },
);

const granted = async (each: Limiter, rate = 20): Promise<boolean> =>
  (await each.permit({ id: 'acme', ratePerSecond: rate }, 'normal', 2_000)).granted;

test('two limiters together keep one rate, in every second, and use most of it', async () => {
  const rate = 200;
  const [a, b] = [limiter(), limiter()];
  await Promise.all([granted(a, rate), granted(b, rate)]);
  const times = (await Promise.all([drain(a, rate, 3_000), drain(b, rate, 3_000)])).flat();
  // rate + lease x (1 + processes), see limiter.ts
  expect(mostInOneSecond(times)).toBeLessThanOrEqual(rate + leaseSize(rate) * 3);
  expect(times.length).toBeLessThanOrEqual(rate * 3 + leaseSize(rate) * 3);
  expect(times.length).toBeGreaterThan(rate * 3 * 0.6);
});

test('a critical caller in one process goes before the bulk of another', async () => {
  const rate = 20;
  const [campaign, codes] = [limiter(), limiter()];
  await Promise.all([granted(campaign, rate), granted(codes, rate)]);
  const [bulk, critical] = await Promise.all([
    drain(campaign, rate, 3_000),
    drain(codes, rate, 3_000, 'critical'),
  ]);
  expect(critical.length).toBeGreaterThan(bulk.length * 3);
});

test('a lone critical message does not stop the bulk of another process', async () => {
  const rate = 50;
  const [campaign, codes] = [limiter(), limiter()];
  await granted(campaign, rate);
  const working = drain(campaign, rate, 2_000);
  const began = Date.now();
  expect(await codes.permit({ id: 'acme', ratePerSecond: rate }, 'critical', 2_000)).toEqual({
    granted: true,
  });
  expect(Date.now() - began).toBeLessThan(1_000);
  expect((await working).length).toBeGreaterThan(rate * 2 * 0.5);
});

test('an account without a rate is granted without a query', async () => {
  const nowhere = limiter('redis://127.0.0.1:1');
  const first = nowhere.permit({ id: 'free' }, 'bulk', 0);
  expect(nowhere.permit({ id: 'free' }, 'critical', 0)).toBe(first);
  expect(await first).toEqual({ granted: true });
});

test('when Redis cannot be reached permits are refused, quickly', async () => {
  const nowhere = limiter('redis://127.0.0.1:1');
  const began = Date.now();
  const permit = await nowhere.permit({ id: 'acme', ratePerSecond: 10 }, 'normal', 5_000);
  expect(permit).toEqual({ granted: false, retryInMs: expect.any(Number) });
  expect(Date.now() - began).toBeLessThan(1_000);
});

test('losing every key in Redis leads to no refusal', async () => {
  const each = limiter();
  expect(await granted(each)).toBe(true);
  await redis.clean();
  for (let n = 0; n < 6; n++) expect(await granted(each)).toBe(true);
  expect(await drain(each, 20, 1_000)).not.toHaveLength(0);
});

async function throughTunnel(): Promise<{ tunnel: Tunnel; each: Limiter }> {
  const { hostname, port } = new URL(redis.url);
  const tunnel = await tunnelTo(hostname, Number(port));
  const each = limiter(redis.url.replace(`:${port}`, `:${tunnel.port}`).replace(hostname, '127.0.0.1'));
  await until('the first permit', () => granted(each));
  return { tunnel, each };
}

test.skipIf(redis.isCluster)(
  'an outage of Redis in the middle of the work refuses, and afterwards permits come again',
  async () => {
    const { tunnel, each } = await throughTunnel();
    const working = drain(each, 50, 1_500);
    tunnel.cut();
    await until('a refusal', async () => !(await granted(each)));
    await redis.clean();
    tunnel.mend();
    await until('a permit after the outage', () => granted(each));
    // The lost state may have cost one lease more.
    expect(mostInOneSecond(await working)).toBeLessThanOrEqual(50 + 3 * leaseSize(50));
    await tunnel.close();
  },
);

test.skipIf(redis.isCluster)('a Redis that falls silent does not make callers hang', async () => {
  const { tunnel, each } = await throughTunnel();
  tunnel.hold();
  const began = Date.now();
  expect(await each.permit({ id: 'acme', ratePerSecond: 20 }, 'normal', 300)).toMatchObject({
    granted: true,
  });
  await until(
    'a refusal',
    async () => !(await each.permit({ id: 'acme', ratePerSecond: 20 }, 'normal', 300)).granted,
  );
  expect(Date.now() - began).toBeLessThan(2_000);
  tunnel.mend();
  await until('a permit afterwards', () => granted(each), { timeoutMs: 15_000 });
  await tunnel.close();
});

test('a changed rate applies from then on', async () => {
  const slow = limiter();
  expect(await granted(slow, 1)).toBe(true);
  const fast = limiter();
  // The last lease at the old rate is still valid for its second.
  const times = await drain(fast, 500, 2_000);
  expect(times.length).toBeGreaterThan(250);
});

test('Bottleneck sees the messages it knows, whatever prefix Redis puts in front of them', async () => {
  const client = bottleneckClient(redis.url);
  await until('the connection', () => client.status === 'ready');
  for (const message of ['SETTINGS_KEY_NOT_FOUND', 'UNKNOWN_CLIENT']) {
    const failing = client.eval(`return redis.error_reply('ERR ${message}')`, 0);
    await expect(failing).rejects.toThrow(new RegExp(`^${message}`));
  }
  client.disconnect();
});
