import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Duty, startDuty } from './service.ts';

const hooks = { onError: () => {}, onRun: () => {} };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A duty whose turns take so long; counts those that began. */
function slowDuty(tookMs: number, over: Partial<Duty> = {}) {
  let turns = 0;
  const duty: Duty = {
    name: 'slow',
    everyMs: 1000,
    ...over,
    async runOnce() {
      turns++;
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      return 0;
    },
  };
  const service = startDuty(duty, hooks);
  /** Lets the turn that is under way end. */
  const end = async () => {
    const stopped = service.stop();
    await vi.advanceTimersByTimeAsync(tookMs);
    await stopped;
  };
  return { end, turns: () => turns };
}

test('a turn begins so long after the end of the one before', async () => {
  const { end, turns } = slowDuty(400);
  await vi.advanceTimersByTimeAsync(1399);
  expect(turns()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(turns()).toBe(2);
  await end();
});

test('one that is to rest does nothing for so many times as long as its turn took', async () => {
  const { end, turns } = slowDuty(400, { restTimes: 20 });
  await vi.advanceTimersByTimeAsync(400 + 20 * 400 - 1);
  expect(turns()).toBe(1);
  await vi.advanceTimersByTimeAsync(2);
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

test('what a turn throws is told, and the next one comes all the same', async () => {
  const told: unknown[] = [];
  let turns = 0;
  const duty: Duty = {
    name: 'failing',
    everyMs: 1000,
    async runOnce() {
      turns++;
      throw new Error('away');
    },
  };
  const service = startDuty(duty, { ...hooks, onError: (_, error) => told.push(error) });
  await vi.advanceTimersByTimeAsync(1001);
  expect(turns).toBe(2);
  expect(told).toHaveLength(2);
  await service.stop();
});
