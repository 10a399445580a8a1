import type { Sql, TransactionSql } from 'postgres';

/**
 * When the oldest notification that is still kept was created (of those created at `since` or later); null when there
 * is none. One descent of notifications_by_app per app: a plain min(created_at) has only a BRIN index to use, so it
 * would read the whole table.
 */
export async function oldestNotification(
  sql: Sql | TransactionSql,
  since: Date | null = null,
): Promise<Date | null> {
  const [row] = await sql<{ oldest: Date | null }[]>`
    with recursive tenants as (
      (select app_id from notifications order by app_id limit 1)
      union all
      select (select n.app_id from notifications n where n.app_id > t.app_id order by n.app_id limit 1)
      from tenants t
      where t.app_id is not null
    )
    select min(first.created_at) as oldest
    from tenants t
    cross join lateral (
      select n.created_at from notifications n
      where n.app_id = t.app_id and n.created_at >= coalesce(${since}::timestamptz, '-infinity')
      order by n.created_at
      limit 1
    ) first`;
  return row?.oldest ?? null;
}
