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
