import { expect, test } from 'vitest';
import { dateOf } from './date-input.ts';

const read = (text: string, zone: string | number = 'UTC'): string | null => {
  const ms = dateOf(text, zone);
  return ms === null ? null : new Date(ms).toISOString();
};

test.each([
  ['2026-03-04', '2026-03-04T00:00:00.000Z'],
  ['2026-03', '2026-03-01T00:00:00.000Z'],
  ['2026-03-04T05:06', '2026-03-04T05:06:00.000Z'],
  ['2026-03-04 05:06:07', '2026-03-04T05:06:07.000Z'],
  ['2026-03-04T05:06:07.5', '2026-03-04T05:06:07.500Z'],
  ['2026-03-04T05:06:07,089999999', '2026-03-04T05:06:07.089Z'],
  ['2026-01-01T00:00:00', '2026-01-01T00:00:00.000Z'],
  ['2026-12-31T23:59:59', '2026-12-31T23:59:59.000Z'],
  ['2026-12-31T24:00:00', '2027-01-01T00:00:00.000Z'],
  ['0001-02-03', '0001-02-03T00:00:00.000Z'],
  [' 2026-03-04 ', '2026-03-04T00:00:00.000Z'],
  ['1770000000', '2026-02-02T02:40:00.000Z'],
  ['March 4, 2026 05:06', '2026-03-04T05:06:00.000Z'],
  ['2026-03-04T05:06:00+02:00', '2026-03-04T03:06:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  '2026-00-04',
  '2026-13-04',
  '2026-03-00',
  '2026-03-32',
  '2026-03-04T25:00',
  '2026-03-04T05:60',
  '2026-03-04T05:06:60',
  'soon',
  '',
  `${' '.repeat(10)}2026-03-04${'x'.repeat(100)}`,
  '9'.repeat(30),
])('%s is no date', (text) => {
  expect(read(text)).toBeNull();
});

test('a number is seconds since the epoch, and nothing else is a date', () => {
  expect(dateOf(1.5, 'UTC')).toBe(1_500);
  expect(dateOf(0, 'UTC')).toBe(0);
  for (const value of [Number.NaN, 1e20, true, null, undefined, {}, []])
    expect(dateOf(value, 'UTC')).toBeNull();
});

test('now and today are the present', () => {
  for (const word of ['now', 'today']) expect(dateOf(word, 'UTC', () => 17)).toBe(17);
  expect(dateOf('tomorrow', 'UTC', () => 17)).toBeNull();
});

test('a zone is a name, or the minutes by which UTC is ahead of it', () => {
  expect(read('2026-03-04T05:06', 'Asia/Kolkata')).toBe('2026-03-03T23:36:00.000Z');
  expect(read('2026-03-04T05:06', 90)).toBe('2026-03-04T06:36:00.000Z');
  expect(read('2026-03-04T05:06', -330)).toBe('2026-03-03T23:36:00.000Z');
});
