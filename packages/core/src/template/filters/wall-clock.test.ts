import { expect, test } from 'vitest';
import { instantOf, isZone, wallOf } from './wall-clock.ts';

const wall = (at: string, zone: string | number): string =>
  new Date(wallOf(Date.parse(at), zone)).toISOString();
const instant = (at: string, zone: string | number): string =>
  new Date(instantOf(Date.parse(`${at}Z`), zone)).toISOString();

test.each([
  ['2026-01-01T00:00:00.001Z', 'Europe/Berlin', '2026-01-01T01:00:00.001Z'],
  ['2026-12-31T23:59:59.999Z', 'Asia/Kathmandu', '2027-01-01T05:44:59.999Z'],
  ['2026-07-04T03:02:01.000Z', 'America/New_York', '2026-07-03T23:02:01.000Z'],
  ['1960-07-04T03:02:01.250Z', 'America/New_York', '1960-07-03T23:02:01.250Z'],
  ['2026-07-04T03:02:01.000Z', 'UTC', '2026-07-04T03:02:01.000Z'],
  ['0000-06-01T12:00:00.000Z', 'Asia/Tokyo', '0000-06-01T21:18:59.000Z'],
  ['-000001-06-01T12:00:00.000Z', 'Asia/Tokyo', '-000001-06-01T21:18:59.000Z'],
])('at %s the clock in %s shows %s', (at, zone, expected) => {
  expect(wall(at, zone)).toBe(expected);
});

test('a zone as a number is the minutes by which UTC is ahead', () => {
  expect(wall('2026-01-01T12:00:00Z', 90)).toBe('2026-01-01T10:30:00.000Z');
  expect(instant('2026-01-01T10:30:00', 90)).toBe('2026-01-01T12:00:00.000Z');
});

test('the clock shows each time at its instant, east and west of Greenwich, in winter and in summer', () => {
  for (const zone of [
    'Pacific/Kiritimati',
    'Asia/Kolkata',
    'Europe/Berlin',
    'America/St_Johns',
    'Pacific/Pago_Pago',
  ])
    for (const at of ['2026-01-15T00:30:15.750Z', '2026-07-15T23:59:59.999Z']) {
      const ms = Date.parse(at);
      expect(instantOf(wallOf(ms, zone), zone), `${zone} ${at}`).toBe(ms);
    }
});

test('a time that comes twice is the first one, one that is left out is shifted by the change', () => {
  expect(instant('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
  expect(instant('2026-10-25T03:00:00', 'Europe/Berlin')).toBe('2026-10-25T02:00:00.000Z');
  expect(instant('2026-10-25T01:59:59', 'Europe/Berlin')).toBe('2026-10-24T23:59:59.000Z');
  expect(instant('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  expect(instant('2026-03-29T03:00:00', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z');
  expect(instant('2026-11-01T01:30:00', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
  expect(instant('2026-03-08T02:30:00', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
});

test('only names of zones and offsets are zones', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'europe/berlin', '+02:00'])
    expect(isZone(name), name).toBe(true);
  for (const name of ['', 'Berlin', 'Europe/Nowhere', 'de']) expect(isZone(name), name).toBe(false);
});
