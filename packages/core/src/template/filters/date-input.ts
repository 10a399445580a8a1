import { instantOf, type Zone } from './wall-clock.ts';

/** `2026-11-28`, with or without a time of day, without a zone. */
const LOCAL_ISO = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?)?$/;
/** A time of day and then a zone: `10:00Z`, `10:00:00 +0100`, `10:00 GMT`. */
const ZONED = /\d:\d\d.*(?:Z|UTC|GMT|UT|[ECMP][SD]T|[+-]\d\d:?(?:\d\d)?)\s*(?:\([^()]*\))?$/i;
const MAX_LENGTH = 100;

/**
 * Parses dates in template data. Nothing here depends on the time zone of the process: a time or a day without a zone
 * is local to `zone`.
 *
 * @param value a text (ISO 8601, RFC 5322 and other forms that `Date` parses; `now`; digits only are seconds), or
 * seconds since the epoch.
 * @returns ms since the epoch, or null if it is not a date.
 */
export function dateOf(value: unknown, zone: Zone, nowMs: () => number = Date.now): number | null {
  if (typeof value === 'number') return valid(value * 1000);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (text === 'now' || text === 'today') return nowMs();
  if (text.length > MAX_LENGTH) return null;
  if (/^\d+$/.test(text)) return valid(Number(text) * 1000);
  const local = LOCAL_ISO.exec(text);
  if (local !== null) {
    const [year, month, day = 1, hour = 0, minute = 0, second = 0] = local
      .slice(1, 7)
      .map((part) => part && Number(part)) as number[];
    const ms = Math.floor(Number(`0.${local[7] ?? 0}`) * 1000);
    if (month! < 1 || month! > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 59)
      return null;
    const midnight = new Date(0).setUTCFullYear(year!, month! - 1, day);
    return valid(instantOf(midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms, zone));
  }
  if (ZONED.test(text)) return valid(Date.parse(text));
  // Other forms that `Date` parses, parsed as UTC: otherwise they would use the zone of the process.
  const wall = valid(Date.parse(`${text} UTC`));
  return wall === null ? null : valid(instantOf(wall, zone));
}

function valid(ms: number): number | null {
  return Number.isNaN(new Date(ms).getTime()) ? null : ms;
}
