import type { Sql } from 'postgres';
import type { OlderSecret } from '../schema/webhooks.ts';
import type { EventDeliveryKey } from './events.ts';

export interface ClaimedDelivery extends EventDeliveryKey {
  appId: string;
  tries: number;
  url: string;
  type: string;
  data: Record<string, unknown>;
  createdAt: Date;
  /** The notification it is about; null for events about anything else. */
  notificationId: string | null;
  /** Of the span that accepted that notification; null if it is not traced, or if traces were not asked for. */
  traceparent: string | null;
  secret: SealedColumns;
  /** Secrets of earlier rotations whose overlap is not over yet, newest first. */
  earlier: SealedColumns[];
  /** When it was claimed, by PostgreSQL's clock. */
  now: Date;
}

export interface SealedColumns {
  sealed: Buffer;
  dataKey: Buffer;
  keyId: string;
}

/** The claim for one endpoint. */
export interface EndpointClaim {
  endpointId: string;
  /** Deliveries at most. */
  limit: number;
}

/** The result for an endpoint, in the order of the claims. */
export interface EndpointWork {
  claimed: ClaimedDelivery[];
  /** Milliseconds until its next delivery that is not due yet; null if there is none. */
  nextInMs: number | null;
  /**
   * Deliveries dropped because the endpoint is deleted or disabled; DROPPED_AT_ONCE of them means that there may be
   * more.
   */
  dropped: number;
}

export const DROPPED_AT_ONCE = 1_000;
/** Deliveries due this soon are taken along. */
const EARLY_MS = 500;

interface Row extends Omit<ClaimedDelivery, 'secret' | 'earlier'> {
  secret: Buffer;
  dataKey: Buffer;
  keyId: string;
  previousSecret: Buffer | null;
  previousDataKey: Buffer | null;
  previousKeyId: string | null;
  olderSecrets: OlderSecret[];
  nextInMs: number | null;
  dropped: number;
}

/** An endpoint without claimed deliveries has one row all the same, with null in the columns of a delivery. */
interface NothingClaimed extends Pick<Row, 'endpointId' | 'nextInMs' | 'dropped'> {
  eventId: null;
}

/**
 * Takes what is due for each of these endpoints, oldest first: a lease and a counted try. Deliveries held by another
 * process are left out. Those due for a deleted or disabled endpoint are dropped.
 *
 * @param claims each endpoint once.
 * @param leaseMs how long the deliveries belong to the caller, in milliseconds.
 * @param withTraces whether to read the traceparents of their notifications.
 */
export async function claimEventDeliveries(
  sql: Sql,
  claims: readonly EndpointClaim[],
  leaseMs: number,
  withTraces = false,
): Promise<EndpointWork[]> {
  const traceparent = withTraces
    ? sql`(select n.traceparent from notifications n where n.id = e.notification_id)`
    : sql`null::text`;
  const asked = sql`
    select k."endpointId" as id, k."limit", w.id is not null and w.disabled_at is null as open
    from json_to_recordset(${JSON.stringify(claims)}::text::json) as k ("endpointId" uuid, "limit" int)
    left join webhook_endpoints w on w.id = k."endpointId"`;
  const rows = await sql<(Row | NothingClaimed)[]>`
    with asked as materialized (${asked}), due as materialized (
      select p.*, a.open
      from asked a
      cross join lateral (
        select d.event_id, d.endpoint_id from event_deliveries d
        where d.endpoint_id = a.id and d.state = 'pending' and d.next_try_at <= now() + ${EARLY_MS} * interval '1 millisecond'
          and (d.lease_until is null or d.lease_until < now())
        order by d.next_try_at
        limit case when a.open then a."limit" else ${DROPPED_AT_ONCE} end
        for update skip locked
      ) p
    ), dropped as (
      update event_deliveries d
      set state = 'dropped', next_try_at = null, lease_until = null, last_error = 'the endpoint is gone or disabled'
      from due where not due.open and d.event_id = due.event_id and d.endpoint_id = due.endpoint_id
      returning d.endpoint_id
    ), claimed as (
      update event_deliveries d
      set tries = d.tries + 1, last_tried_at = now(), lease_until = now() + ${leaseMs} * interval '1 millisecond'
      from due where due.open and d.event_id = due.event_id and d.endpoint_id = due.endpoint_id
      returning d.event_id, d.endpoint_id, d.tries
    )
    select a.id as "endpointId",
      (select count(*)::int from dropped where dropped.endpoint_id = a.id) as dropped,
      (select ceil(extract(epoch from d.next_try_at - now()) * 1000)::float8 from event_deliveries d
        where d.endpoint_id = a.id and d.state = 'pending' and d.next_try_at > now() + ${EARLY_MS} * interval '1 millisecond'
        order by d.next_try_at limit 1) as "nextInMs",
      c.event_id as "eventId", w.app_id as "appId", c.tries, w.url, e.type, e.data, e.created_at as "createdAt",
      e.notification_id as "notificationId", ${traceparent} as traceparent,
      w.secret, w.data_key as "dataKey", w.key_id as "keyId",
      case when w.previous_until > now() then w.previous_secret end as "previousSecret",
      w.previous_data_key as "previousDataKey", w.previous_key_id as "previousKeyId",
      w.older_secrets as "olderSecrets", now() as now
    from asked a
    left join (claimed c join webhook_endpoints w on w.id = c.endpoint_id join events e on e.id = c.event_id)
      on c.endpoint_id = a.id`;
  const byEndpoint = Map.groupBy(rows, ({ endpointId }) => endpointId);
  return claims.map(({ endpointId }) => {
    const own = byEndpoint.get(endpointId) ?? [];
    return {
      claimed: own.filter((row) => row.eventId !== null).map(opened),
      nextInMs: own[0]?.nextInMs ?? null,
      dropped: own[0]?.dropped ?? 0,
    };
  });
}

function opened({
  secret,
  dataKey,
  keyId,
  previousSecret,
  previousDataKey,
  previousKeyId,
  olderSecrets,
  now,
  nextInMs: _,
  dropped: __,
  ...rest
}: Row): ClaimedDelivery {
  const previous = previousSecret
    ? [{ sealed: previousSecret, dataKey: previousDataKey!, keyId: previousKeyId! }]
    : [];
  const older = olderSecrets.filter(({ until }) => Date.parse(until) > now.getTime()).map(fromOlder);
  return { ...rest, now, secret: { sealed: secret, dataKey, keyId }, earlier: [...previous, ...older] };
}

const fromOlder = ({ secret, data_key, key_id }: OlderSecret): SealedColumns => ({
  sealed: Buffer.from(secret, 'base64'),
  dataKey: Buffer.from(data_key, 'base64'),
  keyId: key_id,
});
