import type { Priority } from '@carillon/core/notification/priority';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Permit, PermitQueue } from './permit-queue.ts';

/** A queue whose leases the test hands out. */
function queueOf(leaseSize: number, leaseEveryMs: number) {
  const asked: { resolve(): void; reject(error: Error): void }[] = [];
  const queue = new PermitQueue({
    leaseSize,
    leaseEveryMs,
    lease: () => new Promise<void>((resolve, reject) => asked.push({ resolve, reject })),
  });
  const served: string[] = [];
  const ask = (name: string, priority: Priority, maxWaitMs = 60_000) =>
    queue.ask(priority, maxWaitMs).then((permit) => {
      served.push(permit.granted ? name : `${name} refused`);
      return permit;
    });
  return { queue, asked, served, ask };
}
const settle = () => vi.advanceTimersByTimeAsync(0);
const waitOf = (permit: Permit) => (permit.granted ? 0 : permit.retryInMs);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('critical is served before normal before bulk, whatever the order of arrival', async () => {
  const { asked, served, ask } = queueOf(2, 100);
  void ask('b1', 'bulk');
  void ask('b2', 'bulk');
  void ask('n1', 'normal');
  void ask('c1', 'critical');
  asked[0]!.resolve();
  await settle();
  expect(served).toEqual(['c1', 'n1']);
  void ask('c2', 'critical');
  asked[1]!.resolve();
  await settle();
  expect(served).toEqual(['c1', 'n1', 'c2', 'b1']);
});

test('many callers share one lease, and one lease is requested at a time', async () => {
  const { asked, served, ask } = queueOf(10, 100);
  for (let n = 0; n < 25; n++) void ask(`${n}`, 'normal');
  expect(asked).toHaveLength(1);
  asked[0]!.resolve();
  await settle();
  expect(served).toHaveLength(10);
  expect(asked).toHaveLength(2);
});

test('unused permits of a lease are valid for one interval, then expire', async () => {
  const { asked, served, ask } = queueOf(3, 100);
  void ask('first', 'normal');
  asked[0]!.resolve();
  await settle();
  await ask('second', 'normal');
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100);
  void ask('late', 'normal');
  await settle();
  expect(asked).toHaveLength(2);
  expect(served).toEqual(['first', 'second']);
});

test('a wait longer than the caller would wait is refused at once, with the time', async () => {
  const { ask } = queueOf(10, 1_000);
  for (let n = 0; n < 30; n++) void ask(`${n}`, 'normal');
  const permit = await ask('impatient', 'normal', 500);
  expect(permit.granted).toBe(false);
  expect(waitOf(permit)).toBeGreaterThanOrEqual(3_000);
  expect(waitOf(permit)).toBeLessThanOrEqual(4_200);
});

test('bulk ahead does not make a critical caller give up', async () => {
  const { asked, served, ask } = queueOf(10, 100);
  for (let n = 0; n < 500; n++) void ask(`${n}`, 'bulk');
  void ask('code', 'critical', 500);
  asked[0]!.resolve();
  await settle();
  expect(served[0]).toBe('code');
});

test('a caller whose lease does not come in time is refused instead of hanging', async () => {
  const { served, ask } = queueOf(1, 100);
  const waiting = ask('patient', 'normal', 300);
  await vi.advanceTimersByTimeAsync(299);
  expect(served).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await waiting).granted).toBe(false);
});

test('refused callers get times to come back one permit apart', async () => {
  const { ask } = queueOf(10, 1_000);
  for (let n = 0; n < 10; n++) void ask(`${n}`, 'bulk');
  const waits: number[] = [];
  for (let n = 0; n < 20; n++) waits.push(waitOf(await ask('x', 'bulk', 0)));
  for (let n = 1; n < 20; n++) expect(waits[n]! - waits[n - 1]!).toBeCloseTo(100, -1);
  const critical = await ask('y', 'critical', 0);
  expect(waitOf(critical)).toBeLessThan(waits[10]!);
});

test('no caller gets a wait longer than a minute', async () => {
  const { ask } = queueOf(1, 2_000);
  void ask('0', 'bulk');
  for (let n = 0; n < 100; n++) expect(waitOf(await ask('x', 'bulk', 0))).toBeLessThanOrEqual(60_000);
});

test('when the limiter cannot be queried, every caller is refused with a time, and it is queried again later', async () => {
  const { asked, served, ask } = queueOf(5, 100);
  const permits = [ask('a', 'bulk'), ask('b', 'critical')];
  asked[0]!.reject(new Error('Redis is away'));
  for (const permit of await Promise.all(permits)) {
    expect(permit.granted).toBe(false);
    expect(waitOf(permit)).toBeGreaterThanOrEqual(1_000);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  void ask('c', 'normal');
  asked[1]!.resolve();
  await settle();
  expect(served).toContain('c');
});

test('closing refuses all waiting callers', async () => {
  const { queue, ask } = queueOf(5, 100);
  const waiting = ask('a', 'bulk');
  queue.close();
  expect((await waiting).granted).toBe(false);
});
