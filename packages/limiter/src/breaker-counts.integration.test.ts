import type { Outcome } from '@carillon/core/provider/outcome';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { connectRedis } from '../../../test/support/redis-keys.ts';
import { until } from '../../../test/support/until.ts';
import { type BreakerCounter, createBreakerCounter } from './breaker-counts.ts';

const server = testRedis();
const ACCEPTED: Outcome = { class: 'accepted', providerMessageId: 'x' };
const DOUBT: Outcome = { class: 'in_doubt', code: 'timeout', message: 'm', phase: 'written' };
let redis: ReturnType<typeof connectRedis>;
let tests = 0;

beforeEach(async () => {
  tests++;
  redis = connectRedis(server.url);
  await until('Redis', () => redis.status === 'ready');
});
afterEach(() => redis.disconnect());
afterAll(() => server.clean());

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

test('the counts of all workers are summed', async () => {
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
    again: 0,
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

test('messages that fail again are summed separately, and cleared by the next success of any worker', async () => {
  const [a, b] = [worker(), worker()];
  for (const each of [a, b]) each.began('acme', true).ended(DOUBT);
  await a.collect([]);
  expect(await counts(b)).toMatchObject({ calls: 0, failures: 0, inARow: 0, again: 2 });
  a.began('acme', true).ended(ACCEPTED);
  expect(await counts(a)).toMatchObject({ calls: 1, again: 0, successes: 1 });
});

test('of several workers one probes the account, and once more when its breaker has moved', async () => {
  const workers = [worker(), worker(), worker()];
  const asks = async () =>
    (await Promise.all(workers.map((each) => each.mayAsk('acme')))).filter(Boolean).length;
  expect(await asks()).toBe(1);
  expect(await asks()).toBe(0);
  for (const each of workers) each.enter('acme', 2000);
  expect(await asks()).toBe(1);
});

test('a worker that was not the one to probe may do so as soon as it is time again', async () => {
  const [a, b] = [worker(), worker()];
  expect([await a.mayAsk('acme'), await b.mayAsk('acme')]).toEqual([true, false]);
  await redis.del(`{${server.namespace}-${tests}:breaker:acme}:asked:1000`);
  expect(await b.mayAsk('acme')).toBe(true);
});

test('without Redis each worker probes on its own, at intervals', async () => {
  const away = connectRedis('redis://127.0.0.1:1');
  const counter = worker(away);
  expect([await counter.mayAsk('acme'), await counter.mayAsk('acme')]).toEqual([true, false]);
  away.disconnect();
});

test('while Redis is away a worker uses its own counts', async () => {
  const away = connectRedis('redis://127.0.0.1:1');
  const counter = worker(away);
  call(counter, DOUBT, 7);
  expect(await counts(counter)).toMatchObject({ calls: 7, failures: 7, inARow: 7 });
  away.disconnect();
});

test('a Redis that lost everything leaves the own counts of each worker', async () => {
  const counter = worker();
  call(counter, DOUBT, 7);
  await counter.collect([]);
  await server.clean();
  expect(await counts(counter)).toMatchObject({ calls: 7, failures: 7, inARow: 7 });
});

test('a new state of the breaker begins with nothing, and a worker that has not read it adds nothing', async () => {
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

test('an account without calls is not queried, unless a caller requests it', async () => {
  const counter = worker();
  expect(await counts(counter)).toBeUndefined();
  expect((await counter.collect(['acme'])).get('acme')?.counts).toMatchObject({ calls: 0 });
});

test('counts expire automatically', async () => {
  const counter = worker();
  call(counter, ACCEPTED);
  await counter.collect([]);
  expect(await redis.ttl(`{${server.namespace}-${tests}:breaker:acme}`)).toBeGreaterThan(0);
});
