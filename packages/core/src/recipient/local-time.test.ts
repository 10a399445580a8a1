import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOfLocal, localOfInstant } from './local-time.ts';
import { TIME_ZONES } from './time-zone.ts';

const wall = (text: string) => Date.parse(`${text}Z`);
const at = (local: string, zone: string) => new Date(instantOfLocal(wall(local), zone)).toISOString();

test('a local time is one instant, of the clock of its zone on that day', () => {
  expect(at('2026-07-01T09:00:00', 'Europe/Berlin')).toBe('2026-07-01T07:00:00.000Z');
  expect(at('2026-12-01T09:00:00', 'Europe/Berlin')).toBe('2026-12-01T08:00:00.000Z');
  expect(at('2026-12-01T00:00:00', 'Pacific/Kiritimati')).toBe('2026-11-30T10:00:00.000Z');
  expect(at('2026-12-01T00:00:00', 'America/St_Johns')).toBe('2026-12-01T03:30:00.000Z');
  expect(at('2026-12-01T00:00:00', 'Mars/Base')).toBe('2026-12-01T00:00:00.000Z');
});

test('a time that the clock shows twice is the later instant, one that it skips comes as much later', () => {
  expect(at('2026-10-25T02:30:00', 'Europe/Berlin')).toBe('2026-10-25T01:30:00.000Z');
  expect(at('2026-03-29T02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  expect(at('2026-11-01T01:30:00', 'America/New_York')).toBe('2026-11-01T06:30:00.000Z');
  // Half an hour only.
  expect(at('2026-10-04T02:15:00', 'Australia/Lord_Howe')).toBe('2026-10-03T15:45:00.000Z');
  // A day that Samoa never had.
  expect(at('2011-12-30T12:00:00', 'Pacific/Apia')).toBe('2011-12-30T22:00:00.000Z');
});

test('the clock shows the time at its instant wherever it shows it at all', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TIME_ZONES),
      fc.integer({ min: wall('2020-01-01T00:00:00'), max: wall('2036-01-01T00:00:00') }),
      (zone, atMs) => {
        const local = localOfInstant(atMs, zone);
        const instant = instantOfLocal(local, zone);
        expect(localOfInstant(instant, zone)).toBe(local);
        expect(instant).toBeGreaterThanOrEqual(atMs);
      },
    ),
    { numRuns: 2_000 },
  );
});
