import { FINAL_STATES } from '@carillon/core/states';
import type { Sql } from 'postgres';

/**
 * Removes final notifications of a window of creation time with all that hangs on them: attempts, journal, attachments,
 * their place in a line. Counts of caps and a person's inbox have terms of their own. What is not final stays, however
 * old; so does what changed since `unchangedSince` (sent late, a late receipt).
 *
 * One short statement of at most `limit` notifications; rows that somebody holds are left for the next time.
 *
 * @returns how many went.
 */
export async function pruneNotifications(
  sql: Sql,
  { from, to }: { from: Date; to: Date },
  unchangedSince: Date,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with doomed as materialized (
      select id from notifications
      where created_at >= ${from} and created_at < ${to} and updated_at < ${unchangedSince}
        and state = any (${FINAL_STATES as string[]})
      limit ${limit}
      for update skip locked
    ), attempts as (
      delete from delivery_attempts where notification_id in (select id from doomed)
    ), history as (
      delete from notification_history where notification_id in (select id from doomed)
    ), files as (
      delete from attachments where notification_id in (select id from doomed)
    ), places as (
      delete from notification_order where notification_id in (select id from doomed)
    ), gone as (
      delete from notifications where id in (select id from doomed) returning 1
    )
    select count(*)::int as count from gone`;
  return row!.count;
}
