import { expect, test } from 'vitest';
import { remainingTtlSeconds, secondsAhead } from './ttl.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const inSeconds = (seconds: number) => ({ expiresAt: new Date(NOW + seconds * 1000), now: () => NOW });

test('a provider keeps a message no longer than until it expires, nor longer than the account allows', () => {
  expect(remainingTtlSeconds(inSeconds(90), 3600)).toBe(90);
  expect(remainingTtlSeconds(inSeconds(7200), 3600)).toBe(3600);
  expect(remainingTtlSeconds({}, 3600)).toBe(3600);
});

test('a message about to expire is not kept at all, or for the provider’s shortest time', () => {
  expect(remainingTtlSeconds(inSeconds(0.9), 3600)).toBe(0);
  expect(remainingTtlSeconds(inSeconds(-5), 3600)).toBe(0);
  expect(remainingTtlSeconds(inSeconds(-5), 3600, 1)).toBe(1);
});

test("the remaining time is counted by the clock of the call, not by this machine's", () => {
  const skewed = { expiresAt: new Date(Date.now() + 300_000), now: () => Date.now() + 200_000 };
  expect(remainingTtlSeconds(skewed, 3600)).toBeLessThanOrEqual(100);
  expect(secondsAhead(inSeconds(90), 90)).toBe(String(NOW / 1000 + 90));
});
