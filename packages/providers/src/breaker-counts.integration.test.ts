import type { Outcome } from '@carillon/core/outcome';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import { type BreakerCounter, createBreakerCounter } from './breaker-counts.ts';

const server = testRedis();
const ACCEPTED: Outcome = { class: 'accepted', providerMessageId: 'x' };
const DOUBT: Outcome = { class: 'in_doubt', code: 'timeout', message: 'm', phase: 'written' };
let redis: Redis;
let tests = 0;

beforeEach(async () => {
  tests++;
  redis = connect(server.url);
  await until('Redis', () => redis.status === 'ready');
});
afterEach(() => redis.disconnect());
afterAll(() => server.clean());

function connect(url: string): Redis {
  const made = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  made.on('error', () => {});
  return made;
}

/** A worker's counter, in the first period of `acme`. */
function worker(using = redis): BreakerCounter {
  const counter = createBreakerCounter({ redis: using, namespace: `${server.namespace}-${tests}` });
  counter.enter('acme', 1000);
  return counter;
}
const call = (counter: BreakerCounter, outcome: Outcome, times = 1) => {
  for (let n = 0; n < times; n++) counter.began('acme').ended(outcome);
};
const counts = async (counter: BreakerCounter) => (await counter.collect([])).get('acme')?.counts;

test('what every worker saw is summed', async () => {
  const [a, b] = [worker(), worker()];
  call(a, ACCEPTED, 30);
  call(b, DOUBT, 10);
  await a.collect([]);
  expect(await counts(b)).toEqual({
    calls: 40,
    failures: 10,
    recentCalls: 40,
    recentFailures: 10,
    inARow: 10,
    successes: 30,
  });
  call(a, ACCEPTED);
  expect(await counts(a)).toMatchObject({ calls: 41, failures: 10, inARow: 0 });
});

test('failures in a row go on from worker to worker', async () => {
  const [a, b] = [worker(), worker()];
  call(a, DOUBT, 2);
  await a.collect([]);
  call(b, DOUBT, 3);
  expect(await counts(b)).toMatchObject({ inARow: 5 });
});

test('while Redis is away a worker goes by its own counts', async () => {
  const away = connect('redis://127.0.0.1:1');
  const counter = worker(away);
  call(counter, DOUBT, 7);
  expect(await counts(counter)).toMatchObject({ calls: 7, failures: 7, inARow: 7 });
  away.disconnect();
});

test('a Redis that lost everything makes no worker forget what it saw itself', async () => {
  const counter = worker();
  call(counter, DOUBT, 7);
  await counter.collect([]);
  await server.clean();
  expect(await counts(counter)).toMatchObject({ calls: 7, failures: 7, inARow: 7 });
});

test('a new state of the breaker begins with nothing, and who has not heard of it adds nothing', async () => {
  const [quick, slow] = [worker(), worker()];
  call(quick, DOUBT, 9);
  await quick.collect([]);
  quick.enter('acme', 2000);
  call(quick, ACCEPTED);
  expect(await counts(quick)).toMatchObject({ calls: 1, failures: 0, successes: 1 });
  call(slow, DOUBT, 9);
  await slow.collect([]);
  expect((await quick.collect(['acme'])).get('acme')?.counts).toMatchObject({ calls: 1, failures: 0 });
});

test('an account that nobody calls is not asked for, unless somebody wants to know', async () => {
  const counter = worker();
  expect(await counts(counter)).toBeUndefined();
  expect((await counter.collect(['acme'])).get('acme')?.counts).toMatchObject({ calls: 0 });
});

test('what is counted goes away by itself', async () => {
  const counter = worker();
  call(counter, ACCEPTED);
  await counter.collect([]);
  expect(await redis.ttl(`{${server.namespace}-${tests}:breaker:acme}`)).toBeGreaterThan(0);
});
