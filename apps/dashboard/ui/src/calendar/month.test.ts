import { expect, test } from 'vitest';
import { dayOf, readMonth, shifted, startOf, weeksOf } from './month.ts';

test('a month has its days in weeks from Monday on', () => {
  const weeks = weeksOf('2026-11');
  expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
  expect(weeks.at(-1)).toEqual(['2026-11-30', null, null, null, null, null, null]);
  expect(weeksOf('2027-02')).toHaveLength(4);
  expect(weeksOf('2028-02').flat().filter(Boolean)).toHaveLength(29);
});

test('months follow each other over the year', () => {
  expect(shifted('2026-12', 1)).toBe('2027-01');
  expect(shifted('2026-01', -1)).toBe('2025-12');
});

test('what is no month in an address is the present one', () => {
  const now = new Date(2026, 10, 29);
  for (const text of [undefined, '', '2026-13', 'x', '2026-1']) expect(readMonth(text, now)).toBe('2026-11');
  expect(readMonth('2027-03', now)).toBe('2027-03');
});

test('days are those of the viewer', () => {
  expect(dayOf(new Date(2026, 10, 5, 23, 59))).toBe('2026-11-05');
  expect(startOf('2026-11').getHours()).toBe(0);
});
