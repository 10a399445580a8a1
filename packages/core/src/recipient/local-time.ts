/**
 * The instant at which a wall clock in a zone shows a time, by the rule of PostgreSQL's `timestamp at time zone`: of a
 * time that the clock shows twice the later instant; of one that it skips as much after the change as the time lies
 * after its beginning (02:30 in a gap of an hour from 02:00 is 03:30).
 *
 * @param wallMs the local time, written as milliseconds since the epoch as if it were UTC.
 * @param timeZone an IANA name; one that this machine's tables do not know is read as UTC.
 * @returns milliseconds since the epoch.
 */
export function instantOfLocal(wallMs: number, timeZone: string): number {
  const offset = offsetsOf(timeZone);
  // Offsets are at most 14 hours: one of these moments lies before the time in question, one after it.
  const [before, after] = [wallMs - offset(wallMs - DAY_MS), wallMs - offset(wallMs + DAY_MS)];
  const isShown = (atMs: number): boolean => atMs + offset(atMs) === wallMs;
  const shown = [before, after].filter(isShown);
  return Math.max(...(shown.length > 0 ? shown : [before, after]));
}

/**
 * The local time of an instant.
 *
 * @param atMs milliseconds since the epoch.
 * @returns as if it were UTC: `new Date(...).toISOString()` shows the date and time of day of the zone.
 */
export function localOfInstant(atMs: number, timeZone: string): number {
  return atMs + offsetsOf(timeZone)(atMs);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How much the clock of a zone is ahead of UTC at an instant, in milliseconds. */
type Offset = (atMs: number) => number;

const known = new Map<string, Offset>();
/** More than there are zones, because names may be in any case. */
const MAX_KNOWN = 1000;

function offsetsOf(timeZone: string): Offset {
  const found = known.get(timeZone);
  if (found) return found;
  const format = formatOf(timeZone);
  const offset: Offset = (atMs) => {
    const of = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const wall = Date.UTC(of.year!, of.month! - 1, of.day!, of.hour!, of.minute!, of.second!);
    return wall - Math.floor(atMs / 1000) * 1000;
  };
  if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
  known.set(timeZone, offset);
  return offset;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const two = '2-digit' as const;
  const clock = { hour: two, minute: two, second: two, hourCycle: 'h23' } as const;
  const shown = { ...clock, year: 'numeric', month: two, day: two, calendar: 'gregory' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shown, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...shown, timeZone: 'UTC' });
  }
}
