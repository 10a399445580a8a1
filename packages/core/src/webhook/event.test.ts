import { expect, test } from 'vitest';
import { DISABLE_AFTER_MS, nextTryMs, TRY_SECONDS } from './event.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('the first try is made at once, the others after 5 s, 5 m, 30 m, 2 h, 5 h, 10 h and 10 h', () => {
  expect(TRY_SECONDS[0]).toBe(0);
  const waits = Array.from({ length: 7 }, (_, k) => nextTryMs(k + 1, 0.5));
  expect(waits).toEqual([5_000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR]);
});

test('after the eighth try there is none', () => {
  expect(nextTryMs(8, 0.5)).toBeNull();
});

test('a wait lies between 20 % less and 20 % more', () => {
  expect(nextTryMs(1, 0)).toBe(4_000);
  expect(nextTryMs(1, 0.75)).toBe(5_500);
  expect(nextTryMs(2, 1)).toBe(6 * MINUTE);
});

test('an endpoint is disabled after five days of failing', () => {
  expect(DISABLE_AFTER_MS).toBe(120 * HOUR);
});
