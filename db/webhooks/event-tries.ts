import type { Sql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import type { EventDeliveryKey } from './events.ts';

/**
 * Deliveries whose time passed more than `graceMs` ago and that are not held: their jobs were lost, or their endpoint
 * has no slot free. Endpoint by endpoint along event_deliveries_due_of, so that the backlog of one does not hide
 * others.
 *
 * @param ofEach at most this many of each endpoint, the oldest.
 */
export async function overdueEventDeliveries(
  sql: Sql,
  graceMs: number,
  ofEach: number,
): Promise<EventDeliveryKey[]> {
  return sql<EventDeliveryKey[]>`
    with recursive waiting as (
      (select endpoint_id from event_deliveries where state = 'pending' order by endpoint_id limit 1)
      union all
      select following.endpoint_id
      from waiting
      cross join lateral (
        select d.endpoint_id from event_deliveries d
        where d.state = 'pending' and d.endpoint_id > waiting.endpoint_id
        order by d.endpoint_id limit 1
      ) following
    )
    select overdue.event_id as "eventId", overdue.endpoint_id as "endpointId"
    from waiting
    cross join lateral (
      select d.event_id, d.endpoint_id from event_deliveries d
      where d.endpoint_id = waiting.endpoint_id and d.state = 'pending'
        and d.next_try_at < now() - ${graceMs} * interval '1 millisecond'
        and (d.lease_until is null or d.lease_until < now())
      order by d.next_try_at limit ${ofEach}
    ) overdue`;
}

/**
 * Ends the delivery of an event that cannot continue because a statement about it fails every time: `failed`, with the
 * reason in the column for failed tries. Nothing else of it is touched.
 *
 * @param reason for people.
 * @returns whether it was still pending.
 */
export async function failEventDelivery(
  sql: Sql,
  { eventId, endpointId }: EventDeliveryKey,
  reason: string,
): Promise<boolean> {
  const rows = await sql`
    update event_deliveries
    set state = 'failed', next_try_at = null, lease_until = null, last_error = ${reason}
    where event_id = ${eventId}::uuid and endpoint_id = ${endpointId}::uuid and state = 'pending'
    returning event_id`;
  return rows.length > 0;
}

/** How one try ended. */
export interface TryEnd extends EventDeliveryKey {
  tries: number;
  status: number | null;
  error: string | null;
  latencyMs: number;
  /** null: it was delivered, or the tries are used up. */
  retryInMs: number | null;
  delivered: boolean;
  /** The endpoint reported that it is permanently gone (410). */
  gone: boolean;
  /** This try does not show whether the endpoint fails: it counts neither way. */
  blameless: boolean;
}

/**
 * Records tries; one statement for the group. A try made by another process meanwhile (its lease expired) changes
 * nothing. The first failure of an endpoint is stored and a success clears it: `disableAfterMs` of failing disables it,
 * and its app's other endpoints are notified.
 */
export async function recordEventTries(
  sql: Sql,
  ends: readonly TryEnd[],
  disableAfterMs: number,
): Promise<void> {
  await sql`
    with ends as materialized (
      select * from json_to_recordset(${storableJson(ends)}::text::json) as e (
        "eventId" uuid, "endpointId" uuid, tries smallint, status int, error text, "latencyMs" int, "retryInMs" int,
        delivered boolean, gone boolean, blameless boolean
      )
    ), recorded as (
      update event_deliveries d
      set state = case when e.delivered then 'delivered' when e."retryInMs" is null then 'failed' else 'pending' end,
          next_try_at = now() + e."retryInMs" * interval '1 millisecond', lease_until = null,
          last_status = e.status, last_error = e.error, last_latency_ms = e."latencyMs"
      from ends e
      where d.event_id = e."eventId" and d.endpoint_id = e."endpointId" and d.tries = e.tries and d.state = 'pending'
      returning d.endpoint_id
    ), verdicts as (
      select "endpointId" as id, bool_or(delivered) as well, bool_or(gone) as gone from ends where not blameless group by 1
    ), endpoints as (
      update webhook_endpoints w
      set failing_since = case when v.well then null else coalesce(w.failing_since, now()) end,
          disabled_at = case
            when v.gone or (not v.well and w.failing_since < now() - ${disableAfterMs} * interval '1 millisecond') then coalesce(w.disabled_at, now())
            else w.disabled_at end,
          disabled_reason = case
            when v.gone then 'it answered 410 Gone'
            when not v.well and w.failing_since < now() - ${disableAfterMs} * interval '1 millisecond'
              then coalesce(w.disabled_reason, 'it failed for five days without one success')
            else w.disabled_reason end
      from verdicts v
      where w.id = v.id and w.disabled_at is null and (v.gone or (v.well and w.failing_since is not null) or not v.well)
      returning w.id, w.app_id, w.environment, w.url, w.disabled_at, w.disabled_reason
    )
    select emit_event(app_id, environment, 'webhook_endpoint.disabled', null,
      jsonb_build_object('endpoint_id', id, 'url', url, 'reason', disabled_reason))
    from endpoints where disabled_at is not null`;
}
