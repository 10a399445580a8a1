import type { Sql } from 'postgres';
import type { EventDeliveryKey } from './fan-out-events.ts';

/** Deliveries whose time passed more than `graceMs` ago and that nobody holds: their jobs were lost. Oldest first. */
export async function overdueEventDeliveries(
  sql: Sql,
  graceMs: number,
  limit: number,
): Promise<EventDeliveryKey[]> {
  return sql<EventDeliveryKey[]>`
    select event_id as "eventId", endpoint_id as "endpointId" from event_deliveries
    where state = 'pending' and next_try_at < now() - ${graceMs} * interval '1 millisecond'
      and (lease_until is null or lease_until < now())
    order by next_try_at limit ${limit}`;
}
