/**
 * Times in requests: RFC 3339, 5.6, with `t` and `z` in either case and any number of digits of a second
 * (milliseconds count). Seconds may be left out, as ISO 8601 allows. Rejected: leap seconds, which neither JavaScript
 * nor PostgreSQL can represent, and times outside the years 1 to 9999 once the offset is applied.
 */

/** Completes the sentence `"<value>" ...`. */
export const NOT_A_TIME = 'is not an RFC 3339 time; give one such as 2030-01-31T08:00:00Z';

const SHAPE =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** The first and the last millisecond that both PostgreSQL and a four-digit year can represent. */
const MIN_MS = Date.parse('0001-01-01T00:00:00.000Z');
export const MAX_TIME_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * @returns the time as given, but with a capital T and Z, which `Date` parses; or its fault: a text that completes the
 * sentence `"<value>" ...`.
 */
export function readTime(text: string): { time: string } | { problem: string } {
  const parts = text.length <= 100 ? SHAPE.exec(text) : null;
  if (parts === null) return { problem: NOT_A_TIME };
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return { problem: NOT_A_TIME };
  if (parts[6] === '60')
    return {
      problem:
        'is not an RFC 3339 time that can be held: leap seconds cannot; give the second before or after',
    };
  const time = text.toUpperCase();
  const ms = Date.parse(time);
  if (ms >= MIN_MS && ms <= MAX_TIME_MS) return { time };
  return { problem: 'is not of the years 0001 to 9999 in UTC; give a time within them' };
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}
