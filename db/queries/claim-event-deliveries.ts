import type { Sql } from 'postgres';
import type { EventDeliveryKey } from './fan-out-events.ts';

export interface ClaimedDelivery extends EventDeliveryKey {
  tries: number;
  url: string;
  type: string;
  data: Record<string, unknown>;
  createdAt: Date;
  secret: SealedColumns;
  previous: SealedColumns | null;
}

export interface SealedColumns {
  sealed: Buffer;
  dataKey: Buffer;
  keyId: string;
}

interface Row extends Omit<ClaimedDelivery, 'secret' | 'previous'> {
  secret: Buffer;
  dataKey: Buffer;
  keyId: string;
  previousSecret: Buffer | null;
  previousDataKey: Buffer | null;
  previousKeyId: string | null;
}

/**
 * Takes deliveries that are due: a lease and a counted try. What is not returned is done, held by somebody else, not due yet,
 * or its endpoint is gone or disabled (then it is dropped on the way).
 */
export async function claimEventDeliveries(
  sql: Sql,
  keys: readonly EventDeliveryKey[],
  leaseMs: number,
): Promise<ClaimedDelivery[]> {
  const rows = await sql<Row[]>`
    with asked as materialized (
      select * from json_to_recordset(${JSON.stringify(keys)}::text::json) as k ("eventId" uuid, "endpointId" uuid)
    ), dropped as (
      update event_deliveries d
      set state = 'dropped', next_try_at = null, lease_until = null, last_error = 'the endpoint is gone or disabled'
      from asked a left join webhook_endpoints w on w.id = a."endpointId"
      where d.event_id = a."eventId" and d.endpoint_id = a."endpointId" and d.state = 'pending'
        and (w.id is null or w.disabled_at is not null)
    ), claimed as (
      update event_deliveries d
      set tries = d.tries + 1, last_tried_at = now(), lease_until = now() + ${leaseMs} * interval '1 millisecond'
      from asked a join webhook_endpoints w on w.id = a."endpointId" and w.disabled_at is null
      where d.event_id = a."eventId" and d.endpoint_id = a."endpointId" and d.state = 'pending'
        and d.next_try_at <= now() + interval '500 ms' and (d.lease_until is null or d.lease_until < now())
      returning d.event_id, d.endpoint_id, d.tries
    )
    select c.event_id as "eventId", c.endpoint_id as "endpointId", c.tries, w.url, e.type, e.data, e.created_at as "createdAt",
      w.secret, w.data_key as "dataKey", w.key_id as "keyId",
      case when w.previous_until > now() then w.previous_secret end as "previousSecret",
      w.previous_data_key as "previousDataKey", w.previous_key_id as "previousKeyId"
    from claimed c join webhook_endpoints w on w.id = c.endpoint_id join events e on e.id = c.event_id`;
  return rows.map(({ secret, dataKey, keyId, previousSecret, previousDataKey, previousKeyId, ...rest }) => ({
    ...rest,
    secret: { sealed: secret, dataKey, keyId },
    previous: previousSecret
      ? { sealed: previousSecret, dataKey: previousDataKey!, keyId: previousKeyId! }
      : null,
  }));
}
