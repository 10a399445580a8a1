import type { Sql } from 'postgres';
import type { EventDeliveryKey } from './fan-out-events.ts';

/** How one try ended. */
export interface TryEnd extends EventDeliveryKey {
  tries: number;
  status: number | null;
  error: string | null;
  latencyMs: number;
  /** null: it was delivered, or the tries are used up. */
  retryInMs: number | null;
  delivered: boolean;
  /** The endpoint said that it is gone for good (410). */
  gone: boolean;
}

/**
 * Records tries; one statement for the group. A try that somebody else has made meanwhile (its lease ran out) changes nothing.
 * The first failure of an endpoint is remembered and a success forgets it: `disableAfterMs` of failing disables it, and its
 * app's other endpoints hear of that.
 */
export async function recordEventTries(
  sql: Sql,
  ends: readonly TryEnd[],
  disableAfterMs: number,
): Promise<void> {
  await sql`
    with ends as materialized (
      select * from json_to_recordset(${JSON.stringify(ends)}::text::json) as e (
        "eventId" uuid, "endpointId" uuid, tries smallint, status int, error text, "latencyMs" int, "retryInMs" int,
        delivered boolean, gone boolean
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
      select "endpointId" as id, bool_or(delivered) as well, bool_or(gone) as gone from ends group by 1
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
