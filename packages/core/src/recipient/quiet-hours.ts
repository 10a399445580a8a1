import type { QuietHours } from './preferences.ts';

/**
 * The end of a person's quiet hours. Quiet hours are in local wall-clock time: from `start` to before `end`, past
 * midnight if the end is the earlier one. If the clock is put forward over the end, they end at that moment; if it is
 * put back into them, they begin again.
 *
 * @param nowMs milliseconds since the epoch.
 * @returns the first time from now on that is not quiet, or null if now is not quiet. At most a day away, and the hour
 *   by which a clock is put back (three at worst: Antarctica/Casey); a day more where a clock that is put forward skips
 *   the only minutes of a day that are not quiet.
 */
export function quietUntil(hours: QuietHours, nowMs: number): number | null {
  const start = timeOfDay(hours.start);
  const end = timeOfDay(hours.end);
  const clock = clockOf(hours.time_zone);
  const isQuiet = (atMs: number): boolean => mod(clock(atMs) - start) < mod(end - start);

  if (!isQuiet(nowMs)) return null;
  let atMs = nowMs;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const untilMs = atMs + mod(end - clock(atMs));
    const changeMs = clockChange(clock, atMs, untilMs);
    if (changeMs === null) return untilMs;
    if (!isQuiet(changeMs)) return changeMs;
    atMs = changeMs;
  }
  return atMs;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A clock changes once or twice a year; this only keeps a broken zone from looping endlessly. */
const MOST_TURNS = 4;

/** When the clock was put forward or back in between, to the millisecond; null if it was not. */
function clockChange(clock: Clock, fromMs: number, toMs: number): number | null {
  const runsOn = (atMs: number): boolean => mod(clock(atMs) - clock(fromMs)) === mod(atMs - fromMs);
  if (runsOn(toMs)) return null;
  let before = fromMs;
  let after = toMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (runsOn(middle)) before = middle;
    else after = middle;
  }
  return after;
}

/** Local wall-clock time, in milliseconds since midnight. */
type Clock = (atMs: number) => number;

const clocks = new Map<string, Clock>();
/** More than there are zones, because names may be in any case. */
const MAX_CLOCKS = 1000;

function clockOf(timeZone: string): Clock {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = makeClock(timeZone);
  if (clocks.size >= MAX_CLOCKS) clocks.delete(clocks.keys().next().value!);
  clocks.set(timeZone, clock);
  return clock;
}

function makeClock(timeZone: string): Clock {
  const format = formatOf(timeZone);
  // A formatter costs 70 us to make and 1 us to use.
  return (atMs) => {
    const [hours, minutes, seconds] = format.format(atMs).split(':');
    return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + mod(atMs, 1000);
  };
}

/**
 * A zone that this machine's tables do not know (the API's were newer) is read as UTC: late or early, but never lost.
 */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const two = '2-digit' as const;
  const shown = { hour: two, minute: two, second: two, hourCycle: 'h23' as const };
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shown, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...shown, timeZone: 'UTC' });
  }
}

/** `HH:MM` in milliseconds since midnight. */
function timeOfDay(text: string): number {
  const [hours, minutes] = text.split(':');
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function mod(value: number, by: number = DAY_MS): number {
  return ((value % by) + by) % by;
}
