import type { Sql } from 'postgres';

export interface InboxSlice {
  /** How many were removed. */
  count: number;
  /** Pages the table has. */
  pages: number;
}

/**
 * Removes in-app messages older than `before` that lie in a slice of the table's pages. Inboxes are indexed by person,
 * not by age, so the table is read in physical order, a slice at a time; old messages lie together.
 *
 * @param fromPage, toPage pages of the table, from 0; `toPage` is not part of the slice.
 */
export async function pruneInboxMessages(
  sql: Sql,
  before: Date,
  fromPage: number,
  toPage: number,
  limit: number,
): Promise<InboxSlice> {
  const [row] = await sql<InboxSlice[]>`
    with gone as (
      delete from inbox_messages where notification_id in (
        select notification_id from inbox_messages
        where ctid >= ${`(${fromPage},0)`}::tid and ctid < ${`(${toPage},0)`}::tid and created_at < ${before}
        limit ${limit}
        for update skip locked
      )
      returning 1
    )
    select (select count(*) from gone)::int as count,
      (pg_relation_size('inbox_messages') / current_setting('block_size')::int)::int as pages`;
  return row!;
}
