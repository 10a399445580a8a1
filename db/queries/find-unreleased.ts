import type { Sql } from 'postgres';

export interface Unreleased {
  /** The soonest first. */
  ids: string[];
  /** When the last of them comes due; null when there are none. */
  lastDue: Date | null;
  /** Up to here was looked. */
  horizon: Date;
}

/**
 * Scheduled notifications that come due between `from` and the horizon and were not released yet.
 *
 * Released ones stay in the same index until they are sent, so every call reads past all of them: asked for a large
 * part at a time, a million that come due together are read past ten times and not five hundred.
 */
export async function findUnreleased(
  sql: Sql,
  from: Date | null,
  horizonMs: number,
  limit: number,
): Promise<Unreleased> {
  const rows = await sql<{ id: string | null; due: Date | null; horizon: Date }[]>`
    with clock as materialized (select now() + ${horizonMs} * interval '1 millisecond' as horizon), due as (
      select id, next_attempt_at
      from notifications
      where rare_state = 'scheduled' and queued_at is null
        and next_attempt_at >= coalesce(${from}::timestamptz, '-infinity')
        and next_attempt_at <= now() + ${horizonMs} * interval '1 millisecond'
      order by next_attempt_at
      limit ${limit}
    )
    select due.id, due.next_attempt_at as due, clock.horizon
    from clock left join due on true
    order by due.next_attempt_at`;
  const ids = rows.flatMap((row) => (row.id === null ? [] : [row.id]));
  return { ids, lastDue: rows.at(-1)!.due, horizon: rows[0]!.horizon };
}
