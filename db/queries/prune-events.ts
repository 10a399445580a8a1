import type { Sql } from 'postgres';

/**
 * Removes events for customers' endpoints, and their deliveries, that are older than `before`, tenant by tenant along
 * events_by_age. One that is still to be delivered to somebody stays.
 *
 * @returns how many went.
 */
export async function pruneEvents(sql: Sql, before: Date, limit: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with recursive tenants as (
      (select app_id, environment from events order by app_id, environment limit 1)
      union all
      select following.*
      from tenants t
      cross join lateral (
        select e.app_id, e.environment from events e
        where (e.app_id, e.environment) > (t.app_id, t.environment)
        order by e.app_id, e.environment
        limit 1
      ) following
    ), doomed as materialized (
      select old.id
      from tenants t
      cross join lateral (
        select e.id from events e
        where e.app_id = t.app_id and e.environment = t.environment and e.created_at < ${before}
          and not exists (select from event_deliveries d where d.event_id = e.id and d.state = 'pending')
        order by e.created_at
        limit ${limit}
      ) old
      limit ${limit}
    ), deliveries as (
      delete from event_deliveries where event_id in (select id from doomed)
    ), gone as (
      delete from events where id in (select id from doomed) returning 1
    )
    select count(*)::int as count from gone`;
  return row!.count;
}
