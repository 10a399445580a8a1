import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACKOFF_SECONDS, backoffMs, JITTER } from './backoff.ts';
import { PRIORITIES } from './priority.ts';

const priority = fc.constantFrom(...PRIORITIES);
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a wait lies within 20 % of its step of the schedule', () => {
  fc.assert(
    fc.property(priority, fc.nat(), random, (p, k, r) => {
      const tries = (k % BACKOFF_SECONDS[p].length) + 1;
      const step = BACKOFF_SECONDS[p][tries - 1]! * 1000;
      const wait = backoffMs(p, tries, r);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(step * (1 - JITTER)));
      expect(wait).toBeLessThanOrEqual(Math.ceil(step * (1 + JITTER)));
    }),
  );
});

test('a wait is never shorter than the provider asked for', () => {
  fc.assert(
    fc.property(priority, random, fc.integer({ min: 0, max: 86_400_000 }), (p, r, retryAfterMs) => {
      expect(backoffMs(p, 1, r, retryAfterMs)).toBeGreaterThanOrEqual(retryAfterMs);
    }),
  );
});

test('each schedule ends: one try more than it has waits, then the notification is dead', () => {
  for (const p of PRIORITIES) {
    expect(backoffMs(p, BACKOFF_SECONDS[p].length, 0)).not.toBeNull();
    expect(backoffMs(p, BACKOFF_SECONDS[p].length + 1, 0)).toBeNull();
  }
});

test('a one-time password is tried again within seconds, a newsletter within a minute or so', () => {
  expect(backoffMs('critical', 1, 0.5)).toBe(1000);
  expect(backoffMs('normal', 1, 0.5)).toBe(30_000);
  expect(backoffMs('bulk', 1, 0.5)).toBe(60_000);
});

test('the schedules are those that the documentation names', () => {
  expect(BACKOFF_SECONDS).toEqual({
    critical: [1, 3, 10, 30],
    normal: [30, 120, 600, 1800],
    bulk: [60, 300, 900, 3600],
  });
});

test('the wait moves from 20 % less to 20 % more with the random number', () => {
  expect([0, 0.25, 0.75].map((random) => backoffMs('critical', 3, random))).toEqual([8_000, 9_000, 11_000]);
});

test('a schedule of the category takes the place of the priority’s', () => {
  expect(backoffMs('critical', 2, 0.5, 0, [7, 8])).toBe(8_000);
  expect(backoffMs('critical', 3, 0.5, 0, [7, 8])).toBeNull();
});
