import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Duty, startDuty } from './service.ts';

const hooks = { onError: () => {}, onRun: () => {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A duty with turns of this length; counts those that began. */
function slowDuty(tookMs: number, { fails = false, ...over }: Partial<Duty> & { fails?: boolean } = {}) {
  let turns = 0;
  const duty: Duty = {
    name: 'slow',
    everyMs: 1000,
    ...over,
    async runOnce() {
      turns++;
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      if (fails) throw new Error('the server did not answer');
      return 0;
    },
  };
  const service = startDuty(duty, hooks);
  /** Lets the current turn end. */
  const end = async () => {
    const stopped = service.stop();
    await vi.advanceTimersByTimeAsync(tookMs);
    await stopped;
  };
  return { end, turns: () => turns };
}

test('a turn begins this long after the end of the one before', async () => {
  const { end, turns } = slowDuty(400);
  await vi.advanceTimersByTimeAsync(1399);
  expect(turns()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(turns()).toBe(2);
  await end();
});

test('a duty with a rest factor rests that many times as long as its turn took', async () => {
  const { end, turns } = slowDuty(400, { restTimes: 20 });
  await vi.advanceTimersByTimeAsync(400 + 20 * 400 - 1);
  expect(turns()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(turns()).toBe(2);
  await end();
});

test('a turn that waited long and failed is not followed by a rest of many times as long', async () => {
  const { end, turns } = slowDuty(5000, { restTimes: 20, fails: true });
  await vi.advanceTimersByTimeAsync(5000 + 10_000 + 1);
  expect(turns()).toBe(2);
  await end();
});

test('the rest never makes turns come more often than they should', async () => {
  const { end, turns } = slowDuty(1, { restTimes: 20 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(turns()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(turns()).toBe(2);
  await end();
});

test('an exception in a turn is logged, and the next turn runs all the same', async () => {
  const failures: unknown[] = [];
  let turns = 0;
  const duty: Duty = {
    name: 'failing',
    everyMs: 1000,
    async runOnce() {
      turns++;
      throw new Error('away');
    },
  };
  const service = startDuty(duty, { ...hooks, onError: (_, error) => failures.push(error) });
  await vi.advanceTimersByTimeAsync(1001);
  expect(turns).toBe(2);
  expect(failures).toHaveLength(2);
  await service.stop();
});
