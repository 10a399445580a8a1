import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quietUntil } from './quiet-hours.ts';

const HOUR_MS = 3_600_000;
const DAY_MINUTES = 24 * 60;
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const at = (text: string): number => Date.parse(text);
const until = (start: string, end: string, time_zone: string, now: string): string | null => {
  const ms = quietUntil({ start, end, time_zone }, at(now));
  return ms === null ? null : new Date(ms).toISOString();
};

/** An implementation of the clock independent of the one under test. */
function wallClock(time_zone: string, ms: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: time_zone,
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(ms);
  const part = (type: string) => parts.find((each) => each.type === type)!.value.padStart(2, '0');
  return `${part('hour')}:${part('minute')}`;
}
function isQuiet(start: string, end: string, time_zone: string, ms: number): boolean {
  const now = wallClock(time_zone, ms);
  return start < end ? start <= now && now < end : start <= now || now < end;
}

const clockTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const quietHours = fc.tuple(clockTime, clockTime).filter(([start, end]) => start !== end);
const zones = Intl.supportedValuesOf('timeZone');
const anyMoment = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') });

/** Times within a day and a half of a clock change, where errors are likely. */
const CHANGES: readonly (readonly [string, string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Antarctica/Troll', '2026-10-25T01:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
];
const nearChange = fc
  .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -36 * HOUR_MS, max: 36 * HOUR_MS }))
  .map(([[zone, change], off]) => [zone, at(change) + off] as const);
const moment = fc.oneof(fc.tuple(fc.constantFrom(...zones), anyMoment), nearChange);

describe('for every zone, also on days on which the clocks change', () => {
  test('the end is never inside quiet hours, and everything before it is', () => {
    fc.assert(
      fc.property(moment, quietHours, fc.double({ min: 0, max: 1, noNaN: true }), (...given) => {
        const [[time_zone, now], [start, end], part] = given;
        const endMs = quietUntil({ start, end, time_zone }, now);
        expect(endMs === null).toBe(!isQuiet(start, end, time_zone, now));
        if (endMs === null) return;
        expect(endMs).toBeGreaterThan(now);
        expect(isQuiet(start, end, time_zone, endMs)).toBe(false);
        const between = now + Math.floor(part * (endMs - 1 - now));
        expect([between, isQuiet(start, end, time_zone, between)]).toEqual([between, true]);
      }),
      { numRuns: 2000 },
    );
  });

  test('the end is at most a day and the hours of a change away, or two where a change swallows the day’s only loud minutes', () => {
    fc.assert(
      fc.property(moment, quietHours, ([time_zone, now], [start, end]) => {
        const endMs = quietUntil({ start, end, time_zone }, now) ?? now;
        const change = /^Antarctica\/(Casey|Troll|Vostok)$/.test(time_zone) ? 3 : 1;
        const loudMs = ((minutesOf(start) - minutesOf(end) + DAY_MINUTES) % DAY_MINUTES) * 60_000;
        const days = loudMs <= change * HOUR_MS ? 2 : 1;
        expect(endMs - now).toBeLessThanOrEqual((24 * days + change) * HOUR_MS);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a night lasts until the morning of the person, wherever the server is', () => {
  expect(until('22:00', '08:00', 'Africa/Lagos', '2026-11-20T21:30:00Z')).toBe('2026-11-21T07:00:00.000Z');
  expect(until('22:00', '08:00', 'Asia/Kolkata', '2026-11-20T20:00:00Z')).toBe('2026-11-21T02:30:00.000Z');
  expect(until('22:00', '08:00', 'America/Los_Angeles', '2026-11-20T20:00:00Z')).toBeNull();
});

test('the first minute is quiet, the last one is not', () => {
  expect(until('22:00', '08:00', 'UTC', '2026-11-20T22:00:00.000Z')).toBe('2026-11-21T08:00:00.000Z');
  expect(until('22:00', '08:00', 'UTC', '2026-11-20T21:59:59.999Z')).toBeNull();
  expect(until('22:00', '08:00', 'UTC', '2026-11-21T07:59:59.999Z')).toBe('2026-11-21T08:00:00.000Z');
  expect(until('22:00', '08:00', 'UTC', '2026-11-21T08:00:00.000Z')).toBeNull();
});

test('a siesta is quiet on the same day', () => {
  expect(until('13:00', '15:00', 'Europe/Madrid', '2026-07-01T11:30:00Z')).toBe('2026-07-01T13:00:00.000Z');
  expect(until('13:00', '15:00', 'Europe/Madrid', '2026-07-01T14:30:00Z')).toBeNull();
});

test('a night in which the clocks go forward is an hour shorter, one in which they go back an hour longer', () => {
  const night = (now: string) => until('22:00', '08:00', 'Europe/Berlin', now);
  expect(night('2026-03-28T21:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
  expect(night('2026-10-24T20:00:00Z')).toBe('2026-10-25T07:00:00.000Z');
});

test('an end that the clocks skip is reached at the moment they are put forward', () => {
  expect(until('22:00', '02:30', 'Europe/Berlin', '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
});

test('hours repeated by a clock change are quiet twice', () => {
  expect(until('02:00', '02:30', 'Europe/Berlin', '2026-10-25T00:10:00Z')).toBe('2026-10-25T00:30:00.000Z');
  expect(until('02:00', '02:30', 'Europe/Berlin', '2026-10-25T00:40:00Z')).toBeNull();
  expect(until('02:00', '02:30', 'Europe/Berlin', '2026-10-25T01:10:00Z')).toBe('2026-10-25T01:30:00.000Z');
});

test('equal start and end mean no quiet hours, not a whole day of them', () => {
  expect(until('08:00', '08:00', 'UTC', '2026-11-21T08:00:00Z')).toBeNull();
});

test('a zone that this machine does not know is read as UTC', () => {
  expect(until('22:00', '08:00', 'Mars/Olympus', '2026-11-20T23:00:00Z')).toBe('2026-11-21T08:00:00.000Z');
});

test('seconds and milliseconds of the clock count', () => {
  expect(until('22:00', '22:01', 'Asia/Kolkata', '2026-11-20T16:30:59.999Z')).toBe(
    '2026-11-20T16:31:00.000Z',
  );
  expect(until('22:00', '22:01', 'Asia/Kolkata', '2026-11-20T16:29:59.999Z')).toBeNull();
});

test('of a day that is quiet but for a minute, the night before that minute ends there', () => {
  expect(until('00:01', '00:00', 'UTC', '2026-11-20T00:01:00.000Z')).toBe('2026-11-21T00:00:00.000Z');
  expect(until('00:01', '00:00', 'UTC', '2026-11-20T00:00:59.999Z')).toBeNull();
});

test('clocks evicted from the cache are created again, and show the same time', () => {
  const spellings = Array.from({ length: 1_100 }, (_, k) =>
    [...'america/argentina'].map((c, bit) => (k & (1 << bit) ? c.toUpperCase() : c)).join(''),
  );
  for (const name of spellings)
    expect(until('22:00', '08:00', `${name}/ushuaia`, '2026-11-20T04:00:00Z')).toBe(
      '2026-11-20T11:00:00.000Z',
    );
});
