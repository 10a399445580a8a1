import { expect, test } from 'vitest';
import { strftime } from './strftime.ts';

const print = (format: string, at: string, zone: string | number = 'UTC'): string =>
  strftime(format, { instantMs: Date.parse(at), zone, locale: 'en' }, () => {});

/** A Sunday morning early in the year, with one digit everywhere, and a Saturday evening late in it. */
const EARLY = '2006-01-01T03:04:05.006Z';
const LATE = '2095-12-31T21:43:54.321Z';

test.each([
  ['C', '20', '20'],
  ['d', '01', '31'],
  ['e', ' 1', '31'],
  ['H', '03', '21'],
  ['I', '03', '09'],
  ['j', '001', '365'],
  ['k', ' 3', '21'],
  ['l', ' 3', ' 9'],
  ['L', '006', '321'],
  ['m', '01', '12'],
  ['M', '04', '43'],
  ['p', 'AM', 'PM'],
  ['P', 'am', 'pm'],
  ['q', 'st', 'st'],
  ['s', '1136084645', '3976206234'],
  ['S', '05', '54'],
  ['u', '7', '6'],
  ['U', '01', '52'],
  ['w', '0', '6'],
  ['W', '00', '52'],
  ['y', '06', '95'],
  ['Y', '2006', '2095'],
  ['z', '+0000', '+0000'],
  ['%', '%', '%'],
  ['t', '\t', '\t'],
  ['n', '\n', '\n'],
])('%%%s prints what Ruby prints', (conversion, early, late) => {
  expect([print(`%${conversion}`, EARLY), print(`%${conversion}`, LATE)]).toEqual([early, late]);
});

test('noon is the first hour of the afternoon, midnight the twelfth of the night', () => {
  expect(print('%I %p %P', '2026-01-01T12:00:00Z')).toBe('12 PM pm');
  expect(print('%I %p %P', '2026-01-01T11:59:59Z')).toBe('11 AM am');
  expect(print('%I %p %P', '2026-01-01T00:00:00Z')).toBe('12 AM am');
});

test('each day of a month has its ordinal suffix', () => {
  const days = Array.from({ length: 31 }, (_, k) => String(k + 1).padStart(2, '0'));
  expect(days.map((day) => print('%q', `2026-01-${day}T00:00:00Z`)).join(' ')).toBe(
    'st nd rd th th th th th th th th th th th th th th th th th st nd rd th th th th th th th st',
  );
});

test('weeks begin on Sunday or on Monday', () => {
  const weeks = (day: string) => print('%U %W %u %w', `2026-01-${day}T00:00:00Z`);
  // 2026 begins on a Thursday.
  expect(weeks('01')).toBe('00 00 4 4');
  expect(weeks('03')).toBe('00 00 6 6');
  expect(weeks('04')).toBe('01 00 7 0');
  expect(weeks('05')).toBe('01 01 1 1');
  expect(weeks('11')).toBe('02 01 7 0');
});

test('an offset has hours and minutes, east and west', () => {
  expect(print('%z', EARLY, 'Asia/Kolkata')).toBe('+0530');
  expect(print('%z', EARLY, 'America/St_Johns')).toBe('-0330');
  expect(print('%:z', EARLY, 'Asia/Kolkata')).toBe('+05:30');
});

test('fractions of a second have as many digits as asked, nine without, and at most thirty', () => {
  expect(['%N', '%1N', '%3N', '%6N', '%12N'].map((format) => print(format, LATE))).toEqual([
    '321000000',
    '3',
    '321',
    '321000',
    '321000000000',
  ]);
  expect(print('%3N', EARLY)).toBe('006');
  expect(print('%99N', LATE).trimStart().replace(/^0+/, '')).toBe(`321${'0'.repeat(27)}`);
});
