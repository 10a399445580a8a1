import { instantOfLocal } from '../recipient/local-time.ts';
import { readTime } from '../text/rfc3339.ts';
import type { CampaignSchedule, LateRule } from './campaign.ts';

export const LATE_RULES = ['now', 'next_day', 'skip'] as const satisfies readonly LateRule[];

/** How far ahead a campaign may be scheduled. */
export const MAX_AHEAD_DAYS = 366;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** The westernmost clocks on Earth are 12 hours behind UTC: there a local time comes last. */
const LATEST_ZONE_MS = 12 * HOUR_MS;

/** When a schedule begins, and for whom at which moment. */
export type Moment =
  | { kind: 'now' }
  /** @property atMs milliseconds since the epoch. */
  | { kind: 'instant'; atMs: number }
  /** @property wallMs the local time, as if it were UTC. */
  | { kind: 'local'; wallMs: number; late: LateRule };

/** A fault of a schedule: `message` completes the sentence `"<value>" ...`. */
export interface ScheduleProblem {
  path: 'send_at' | 'late';
  message: string;
}

/**
 * Reads when a campaign is to be sent. `send_at` is an RFC 3339 time; with `in_recipient_time_zone` it is the date and
 * time on each recipient's clock, with or without an offset: that does not count.
 *
 * @param now milliseconds since the epoch.
 * @returns the moment, or what is wrong: in the past (with local times: past in every zone), more than 366 days ahead, not a
 *   time, or a rule for late ones where nobody can be late.
 */
export function readSchedule(
  { send_at: sendAt, in_recipient_time_zone: isLocal, late }: CampaignSchedule,
  now: number,
): Moment | { problem: ScheduleProblem } {
  const wrong = (path: ScheduleProblem['path'], message: string) => ({ problem: { path, message } });
  if (sendAt === undefined) {
    if (!isLocal) return { kind: 'now' };
    return wrong('send_at', 'is missing; give the date and time on the clock of each recipient');
  }
  const atMs = isLocal ? readWall(sendAt) : readInstant(sendAt);
  if (typeof atMs === 'string') return wrong('send_at', atMs);
  const lastMs = isLocal ? atMs + LATEST_ZONE_MS : atMs;
  if (lastMs < now)
    return wrong('send_at', isLocal ? 'has passed in every time zone; give a later time' : PASSED);
  if (atMs > now + MAX_AHEAD_DAYS * DAY_MS)
    return wrong('send_at', `is more than ${MAX_AHEAD_DAYS} days ahead; give an earlier time`);
  if (isLocal) return { kind: 'local', wallMs: atMs, late };
  if (late !== 'now')
    return wrong('late', 'is only for campaigns with in_recipient_time_zone; leave it out, or give now');
  return { kind: 'instant', atMs };
}

const PASSED = 'has passed; give a later time, or leave send_at out to send now';

/**
 * Pure: when a recipient of this zone is due, by the rule of `local time at time zone` in PostgreSQL: of a time that the
 * clock shows twice the later instant, and after a time that it skips as much later.
 *
 * @param moment of `readSchedule`.
 * @param timeZone the recipient's, else the app's; an IANA name.
 * @param launchedMs when the campaign is launched: who is due before is late.
 * @returns milliseconds since the epoch; null for somebody who is left out because the moment has passed.
 */
export function dueAt(moment: Moment, timeZone: string, launchedMs: number): number | null {
  if (moment.kind === 'now') return launchedMs;
  if (moment.kind === 'instant') return Math.max(moment.atMs, launchedMs);
  const { wallMs, late } = moment;
  const atMs = instantOfLocal(wallMs, timeZone);
  if (atMs >= launchedMs) return atMs;
  switch (late) {
    case 'now':
      return launchedMs;
    case 'skip':
      return null;
    case 'next_day': {
      // The same time of day: a day with a change of the clock has 23 or 25 hours.
      for (let days = Math.max(1, Math.floor((launchedMs - atMs) / DAY_MS)); ; days++) {
        const nextMs = instantOfLocal(wallMs + days * DAY_MS, timeZone);
        if (nextMs >= launchedMs) return nextMs;
      }
    }
  }
}

/** When the launch of a campaign has to begin: before the moment comes in the first zone. */
export function startsAt(moment: Moment, now: number): number {
  if (moment.kind === 'now') return now;
  if (moment.kind === 'instant') return moment.atMs;
  return Math.max(now, moment.wallMs - FIRST_ZONE_MS);
}

/** The easternmost clocks are 14 hours ahead of UTC (Kiritimati). */
const FIRST_ZONE_MS = 14 * HOUR_MS;

function readInstant(text: string): number | string {
  const read = readTime(text);
  return 'time' in read ? Date.parse(read.time) : read.problem;
}

function readWall(text: string): number | string {
  const [, wall] = /^(.{10}[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:[Zz]|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const read = wall === undefined ? null : readTime(`${wall}Z`);
  if (read === null || !('time' in read))
    return 'is not a local date and time; give one such as 2030-01-31T09:00:00';
  return Date.parse(read.time);
}
