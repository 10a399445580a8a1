import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FACTS_HOLD_MS, untilObeyed } from './facts-hold.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a restriction is answered 100 ms after the last call that was judged without it may begin', async () => {
  let isObeyed = false;
  const obeyed = untilObeyed().then(() => {
    isObeyed = true;
  });
  await vi.advanceTimersByTimeAsync(FACTS_HOLD_MS + 99);
  expect(isObeyed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isObeyed).toBe(true);
  await obeyed;
});

test('the facts of a call are at most a quarter of a second old', () => {
  expect(FACTS_HOLD_MS).toBe(250);
});
