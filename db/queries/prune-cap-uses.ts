import type { Sql } from 'postgres';

/** Removes what counted against somebody's caps before `before`, the oldest first. Returns how many went. */
export async function pruneCapUses(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql`
    delete from cap_uses where notification_id in (
      select notification_id from cap_uses where at < ${before} order by at limit ${limit} for update skip locked
    )`;
  return rows.count;
}
