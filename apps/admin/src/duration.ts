import { readTime } from '@carillon/core/text/rfc3339';
import type { Sql } from 'postgres';
import { UsageError } from './command.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90d`, `24h`, `30m`, `45s` or `0`. @returns seconds. @throws UsageError. */
export function secondsOf(name: string, text: string, most: number): number {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(text === '0' ? '0s' : text) ?? [];
  const seconds = Number(digits) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (seconds <= most) return seconds;
  throw new UsageError(
    `--${name} is "${text}"; it must be a number with s, m, h or d (24h, 30d), or 0, and at most ${most / 86_400}d`,
  );
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const HUNDRED_YEARS = 36_500 * 86_400;

/**
 * Parses an end time: `90d` from now by PostgreSQL's clock, a date (its start in UTC), or an RFC 3339 time.
 *
 * @throws UsageError.
 */
export async function endOf(sql: Sql, name: string, text: string): Promise<Date> {
  const read = readTime(DATE.test(text) ? `${text}T00:00:00Z` : text);
  if ('time' in read) return new Date(read.time);
  if (!/^\d+[smhd]$/.test(text))
    throw new UsageError(`--${name} is "${text}"; give 90d, 2027-06-30 or 2027-06-30T12:00:00Z`);
  const seconds = secondsOf(name, text, HUNDRED_YEARS);
  const [row] = await sql<[{ end: Date }]>`select now() + make_interval(secs => ${seconds}) as end`;
  return row.end;
}
