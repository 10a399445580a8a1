import type { Sql } from 'postgres';
import type { EVENT_DELIVERY_STATES } from '../schema/event-deliveries.ts';

export interface DeliveryRow {
  eventId: string;
  type: string;
  notificationId: string | null;
  state: (typeof EVENT_DELIVERY_STATES)[number];
  tries: number;
  nextTryAt: Date | null;
  lastTriedAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  lastLatencyMs: number | null;
  createdAt: Date;
  /** created_at to the microsecond: a place in the list, which milliseconds are not. */
  position: string;
}

/** Deliveries to an endpoint, newest first. @param before the place in the list where the last page ended. */
export async function listEventDeliveries(
  sql: Sql,
  endpointId: string,
  state: string | undefined,
  before: { position: string; eventId: string } | null,
  limit: number,
): Promise<DeliveryRow[]> {
  return sql<DeliveryRow[]>`
    select d.event_id as "eventId", e.type, e.notification_id as "notificationId", d.state, d.tries,
      d.next_try_at as "nextTryAt", d.last_tried_at as "lastTriedAt", d.last_status as "lastStatus",
      d.last_error as "lastError", d.last_latency_ms as "lastLatencyMs", d.created_at as "createdAt", d.created_at::text as position
    from event_deliveries d join events e on e.id = d.event_id
    where d.endpoint_id = ${endpointId}::uuid
      ${state === undefined ? sql`` : sql`and d.state = ${state}`}
      ${before === null ? sql`` : sql`and (d.created_at, d.event_id) < (${before.position}::text::timestamptz, ${before.eventId}::uuid)`}
    order by d.created_at desc, d.event_id desc
    limit ${limit}`;
}
