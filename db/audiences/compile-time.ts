import type { FilterOp } from '@carillon/core/audience/filter';
import type { PendingQuery, Row } from 'postgres';
import type { Reader } from '../replica/reader.ts';

/** A part of a statement. */
export type Fragment = PendingQuery<Row[]>;

/**
 * A time compared with a moment, or with a number of days before (or, below 0, after) now.
 *
 * @param own a `timestamptz`.
 * @param now default: the start of the transaction.
 */
export function compileTime(
  sql: Reader,
  own: Fragment,
  op: FilterOp,
  value: string | number,
  now: Date | undefined,
): Fragment {
  if (op === 'within_days') {
    const at = now === undefined ? sql`now()` : sql`${now.toISOString()}::timestamptz`;
    // Days of 24 hours: those of a time zone are not all as long.
    const edge = sql`(${at} - make_interval(hours => ${24 * (value as number)}))`;
    return (value as number) > 0
      ? sql`(${own} between ${edge} and ${at})`
      : sql`(${own} between ${at} and ${edge})`;
  }
  const than = sql`${value}::timestamptz`;
  if (op === 'before' || op === 'lt') return sql`(${own} < ${than})`;
  if (op === 'lte') return sql`(${own} <= ${than})`;
  return op === 'gt' ? sql`(${own} > ${than})` : sql`(${own} >= ${than})`;
}
