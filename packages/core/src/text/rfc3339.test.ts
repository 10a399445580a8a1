import { expect, test } from 'vitest';
import { readTime } from './rfc3339.ts';

test.each([
  ['2030-01-31T08:00:00Z', '2030-01-31T08:00:00.000Z'],
  ['2030-01-31t08:00:00z', '2030-01-31T08:00:00.000Z'],
  ['2030-01-31T08:00:00.123456789+02:00', '2030-01-31T06:00:00.123Z'],
  ['2030-01-31T08:00:00-00:00', '2030-01-31T08:00:00.000Z'],
  ['2030-01-31T08:00Z', '2030-01-31T08:00:00.000Z'],
  ['2028-02-29T23:59:59-23:59', '2028-03-01T23:58:59.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['9999-12-31T23:59:59+14:00', '9999-12-31T09:59:59.000Z'],
])('%s is %s', (text, instant) => {
  const read = readTime(text);
  expect('time' in read && new Date(read.time).toISOString()).toBe(instant);
});

test.each([
  ['tomorrow', 'RFC 3339'],
  ['2030-01-31', 'RFC 3339'],
  ['2030-01-31 08:00:00Z', 'RFC 3339'],
  ['2030-01-31T08:00:00', 'RFC 3339'],
  ['2030-01-31T08:00:00+24:00', 'RFC 3339'],
  ['2030-01-31T08:00:00+02:60', 'RFC 3339'],
  ['2030-01-31T08:00:00+0200', 'RFC 3339'],
  ['2030-02-30T00:00:00Z', 'RFC 3339'],
  ['2030-02-29T00:00:00Z', 'RFC 3339'],
  ['2030-13-01T00:00:00Z', 'RFC 3339'],
  ['2030-01-01T24:00:00Z', 'RFC 3339'],
  ['+012030-01-01T00:00:00Z', 'RFC 3339'],
  [`2030-01-01T00:00:00.${'1'.repeat(200)}Z`, 'RFC 3339'],
  ['2016-12-31T23:59:60Z', 'leap seconds'],
  ['0000-01-01T00:00:00Z', '0001 to 9999'],
  ['0001-01-01T00:00:00+14:00', '0001 to 9999'],
  ['9999-12-31T23:59:59-14:00', '0001 to 9999'],
  ['9999-12-31T23:59:59-23:59', '0001 to 9999'],
])('%s is refused: %s', (text, words) => {
  expect(readTime(text)).toEqual({ problem: expect.stringContaining(words) });
});

test('each month has its days, and February one more in a leap year', () => {
  const isDay = (day: string): boolean => 'time' in readTime(`${day}T00:00:00Z`);
  const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (const [index, length] of lengths.entries()) {
    const month = `2030-${String(index + 1).padStart(2, '0')}`;
    expect(isDay(`${month}-01`), month).toBe(true);
    expect(isDay(`${month}-00`), month).toBe(false);
    expect(isDay(`${month}-${length}`), month).toBe(true);
    expect(isDay(`${month}-${length + 1}`), month).toBe(false);
  }
  expect(isDay('2030-00-10')).toBe(false);
  const leap = ['1900', '1996', '2000', '2023', '2024', '2026', '2100', '2400'].filter((year) =>
    isDay(`${year}-02-29`),
  );
  expect(leap).toEqual(['1996', '2000', '2024', '2400']);
});
