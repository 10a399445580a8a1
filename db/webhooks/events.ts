import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';

export interface EventDeliveryKey {
  eventId: string;
  endpointId: string;
}

/**
 * Takes the oldest event rows out of the outbox and makes a delivery for each endpoint that wants the event, in one
 * transaction; a repeat makes no second delivery.
 *
 * @param limit outbox rows.
 * @returns the deliveries to make jobs for, and how many outbox rows were taken.
 */
export async function fanOutEvents(
  tx: TransactionSql,
  limit: number,
  version: number,
): Promise<{ taken: number; deliveries: EventDeliveryKey[] }> {
  const taken = await tx<{ ids: string[] }[]>`
    with due as materialized (
      select id from outbox
      where lane = 'events' and version <= ${version} and coalesce(available_at, created_at) <= now()
      order by coalesce(available_at, created_at)
      limit ${limit}
      for update skip locked
    )
    delete from outbox o using due where o.id = due.id returning o.ids`;
  if (taken.length === 0) return { taken: 0, deliveries: [] };
  const ids = taken.flatMap((row) => row.ids);
  const deliveries = await tx<EventDeliveryKey[]>`
    insert into event_deliveries (event_id, endpoint_id, next_try_at)
    select e.id, w.id, now()
    from events e
    join webhook_endpoints w on w.app_id = e.app_id and w.environment = e.environment
      and w.disabled_at is null and (w.event_types = '{}' or e.type = any (w.event_types))
    where e.id = any (${ids}::uuid[])
    on conflict do nothing
    returning event_id as "eventId", endpoint_id as "endpointId"`;
  return { taken: taken.length, deliveries };
}

/** More at once would hold their transaction for longer than a statement may take. */
export const MAX_REPLAYED = 100_000;

/**
 * Sends an endpoint the events of a range of time again, whatever their earlier outcome. The overdue-events duty makes
 * their jobs: that is why they are due a minute ago.
 *
 * @returns how many; at most `limit`, oldest first.
 */
export async function replayEvents(
  sql: Sql,
  tenant: Tenant,
  endpointId: string,
  range: { from: Date; to: Date; eventTypes: readonly string[] },
  limit: number,
  actor: string,
): Promise<number> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    const rows = await tx`
      insert into event_deliveries as d (event_id, endpoint_id, next_try_at)
      select e.id, w.id, now() - interval '1 minute'
      from webhook_endpoints w
      join lateral (
        select id from events
        where app_id = w.app_id and environment = w.environment and created_at >= ${range.from} and created_at < ${range.to}
          and (w.event_types = '{}' or type = any (w.event_types))
          and (cardinality(${range.eventTypes as string[]}::text[]) = 0 or type = any (${range.eventTypes as string[]}::text[]))
        order by created_at limit ${limit}
      ) e on true
      where w.id = ${endpointId}::uuid and w.app_id = ${appId} and w.environment = ${environment}
      on conflict (event_id, endpoint_id) do update
      set state = 'pending', tries = 0, next_try_at = excluded.next_try_at, lease_until = null
      returning 1`;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.replay',
      subject: `webhook_endpoint:${endpointId}`,
      detail: {
        from: range.from.toISOString(),
        to: range.to.toISOString(),
        event_types: range.eventTypes,
        count: rows.length,
      },
    });
    return rows.length;
  });
}

/** The same for the events of this many milliseconds until now, by PostgreSQL's clock. */
export async function replayLatest(
  sql: Sql,
  tenant: Tenant,
  endpointId: string,
  latestMs: number,
  limit: number,
  actor: string,
): Promise<number> {
  const [range] = await sql<[{ from: Date; to: Date }]>`
    select now() - ${latestMs} * interval '1 millisecond' as "from", now() as "to"`;
  return replayEvents(sql, tenant, endpointId, { ...range, eventTypes: [] }, limit, actor);
}

/**
 * Removes events for customers' endpoints, and their deliveries, that are older than `before`, tenant by tenant along
 * events_by_age. An event with a pending delivery stays.
 *
 * @returns how many were removed.
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
