import type { TransactionSql } from 'postgres';

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
