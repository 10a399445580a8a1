import { expect, test } from 'vitest';
import { keepForSeconds } from './keep-for.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const inSeconds = (seconds: number) => ({ expiresAt: new Date(NOW + seconds * 1000) });

test('a provider keeps a message no longer than it is useful, nor longer than the account says', () => {
  expect(keepForSeconds(inSeconds(90), 3600, 0, NOW)).toBe(90);
  expect(keepForSeconds(inSeconds(7200), 3600, 0, NOW)).toBe(3600);
  expect(keepForSeconds({}, 3600, 0, NOW)).toBe(3600);
});

test('what is about to expire is not kept at all, or as short as the provider can', () => {
  expect(keepForSeconds(inSeconds(0.9), 3600, 0, NOW)).toBe(0);
  expect(keepForSeconds(inSeconds(-5), 3600, 0, NOW)).toBe(0);
  expect(keepForSeconds(inSeconds(-5), 3600, 1, NOW)).toBe(1);
});
