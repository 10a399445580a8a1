import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-11-21T06:00:00Z');

test.each<[string | string[] | undefined, number | undefined]>([
  ['7', 7_000],
  [' 0.5 ', 500],
  [['3', '9'], 3_000],
  ['Sat, 21 Nov 2026 06:00:30 GMT', 30_000],
  // RFC 850 and asctime, which is GMT as well.
  ['Saturday, 21-Nov-26 06:00:30 GMT', 30_000],
  ['Sat Nov 21 06:00:30 2026', 30_000],
  ['Sat 06:00:30', undefined],
  ['999999999999', 86_400_000],
  ['Fri, 21 Nov 2036 06:00:30 GMT', 86_400_000],
  ['Fri, 20 Nov 2026 06:00:30 GMT', undefined],
  ['0', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
  [[], undefined],
])('Retry-After %j asks for %s ms', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});
