import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localOfInstant } from '../recipient/local-time.ts';
import { TIME_ZONES } from '../recipient/time-zone.ts';
import type { CampaignSchedule, LateRule } from './campaign.ts';
import { dueAt, LATE_RULES, readSchedule, startsAt } from './schedule.ts';

const NOW = Date.parse('2026-12-01T10:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const read = (over: Partial<CampaignSchedule>) =>
  readSchedule({ in_recipient_time_zone: false, late: 'now', ...over }, NOW);
const problemOf = (over: Partial<CampaignSchedule>) => {
  const answer = read(over);
  return 'problem' in answer ? answer.problem : null;
};
const local = (send_at: string, late: LateRule = 'now') =>
  read({ send_at, late, in_recipient_time_zone: true });

describe('a schedule', () => {
  test('without a time is now; with one, that instant', () => {
    expect(read({})).toEqual({ kind: 'now' });
    expect(read({ send_at: '2026-12-01t11:00:00+01:00' })).toEqual({ kind: 'instant', atMs: NOW });
  });

  test('by the clocks of recipients is a local time, of which an offset does not count', () => {
    const wallMs = Date.parse('2026-12-24T09:00:00Z');
    for (const text of [
      '2026-12-24T09:00:00',
      '2026-12-24T09:00',
      '2026-12-24T09:00:00Z',
      '2026-12-24T09:00:00+05:30',
    ])
      expect(local(text, 'skip')).toEqual({ kind: 'local', wallMs, late: 'skip' });
    expect(problemOf({ in_recipient_time_zone: true })?.message).toContain('is missing');
  });

  test('lies neither in the past nor more than a year ahead', () => {
    const at = (ms: number) => problemOf({ send_at: new Date(NOW + ms).toISOString() });
    expect(at(-1)?.message).toContain('has passed');
    expect(at(0)).toBeNull();
    expect(at(366 * DAY_MS)).toBeNull();
    expect(at(366 * DAY_MS + 1)?.message).toContain('more than 366 days ahead');
  });

  test('of local times has passed once it has passed everywhere', () => {
    expect(local('2026-11-30T22:00:00')).toMatchObject({ kind: 'local' });
    expect(local('2026-11-30T21:59:59')).toMatchObject({
      problem: { path: 'send_at', message: 'has passed in every time zone; give a later time' },
    });
  });

  test('that is no time is refused with the form that is wanted', () => {
    for (const text of ['tomorrow', '2026-12-24', '2026-02-30T09:00:00Z', '2026-12-24T25:00:00Z']) {
      expect(problemOf({ send_at: text })?.message).toContain('2030-01-31T08:00:00Z');
      expect(local(text)).toMatchObject({ problem: { path: 'send_at' } });
    }
    expect(problemOf({ send_at: '2026-12-24T09:00:00' })?.message).toContain('2030-01-31T08:00:00Z');
  });

  test('has a rule for late ones only where somebody can be late', () => {
    expect(problemOf({ send_at: '2026-12-24T09:00:00Z', late: 'skip' })?.path).toBe('late');
  });
});

describe('a recipient is due', () => {
  const nine = local('2026-12-01T09:00:00');
  const of = (zone: string, late: LateRule, launched = NOW) => {
    if ('problem' in nine || nine.kind !== 'local') throw new Error('unreachable');
    const at = dueAt({ ...nine, late }, zone, launched);
    return at === null ? null : new Date(at).toISOString();
  };

  test('when their clock shows the time', () => {
    expect(of('America/New_York', 'skip')).toBe('2026-12-01T14:00:00.000Z');
    expect(of('Pacific/Pago_Pago', 'skip')).toBe('2026-12-01T20:00:00.000Z');
  });

  test('when it has passed: at once, at the same time of the next day that is left, or never', () => {
    expect(of('Europe/Berlin', 'now')).toBe('2026-12-01T10:00:00.000Z');
    expect(of('Europe/Berlin', 'skip')).toBeNull();
    expect(of('Europe/Berlin', 'next_day')).toBe('2026-12-02T08:00:00.000Z');
    expect(of('Europe/Berlin', 'next_day', Date.parse('2026-12-02T08:00:00Z'))).toBe(
      '2026-12-02T08:00:00.000Z',
    );
    expect(of('Europe/Berlin', 'next_day', NOW + 3 * DAY_MS)).toBe('2026-12-05T08:00:00.000Z');
  });

  test('at the same time of day also over a change of the clock', () => {
    const moment = { kind: 'local', wallMs: Date.parse('2026-10-24T09:00:00Z'), late: 'next_day' } as const;
    const launched = Date.parse('2026-10-24T10:00:00Z');
    expect(new Date(dueAt(moment, 'Europe/Berlin', launched)!).toISOString()).toBe(
      '2026-10-25T08:00:00.000Z',
    );
  });

  test('never before the launch, and on their clock at that time unless it is now', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...TIME_ZONES),
        fc.constantFrom(...LATE_RULES),
        fc.integer({ min: -400, max: 400 }),
        fc.integer({ min: 0, max: DAY_MS - 1 }),
        (zone, late, days, timeMs) => {
          const wallMs = Date.parse('2026-12-01T00:00:00Z') + days * DAY_MS + timeMs;
          const at = dueAt({ kind: 'local', wallMs, late }, zone, NOW);
          if (at === null) {
            expect(late).toBe('skip');
            return;
          }
          expect(at).toBeGreaterThanOrEqual(NOW);
          if (at === NOW) return;
          // A clock that skips the time shows one up to three hours later.
          const later = (localOfInstant(at, zone) - wallMs) % DAY_MS;
          expect(later).toBeGreaterThanOrEqual(0);
          expect(later).toBeLessThanOrEqual(3 * HOUR_MS);
          if (late === 'next_day') expect(at - Math.max(NOW, wallMs)).toBeLessThan(DAY_MS + 15 * HOUR_MS);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('not before its launch begins', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TIME_ZONES), fc.integer({ min: 0, max: 300 * DAY_MS }), (zone, ms) => {
        const moment = { kind: 'local', wallMs: NOW + ms, late: 'skip' } as const;
        const begins = startsAt(moment, NOW);
        const at = dueAt(moment, zone, begins);
        // Only those whose moment had passed already when it was scheduled are late.
        if (at === null) expect(begins).toBe(NOW);
        else expect(at).toBeGreaterThanOrEqual(begins);
      }),
    );
  });
});
