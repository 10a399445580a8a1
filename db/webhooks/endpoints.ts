import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import type { EVENT_DELIVERY_STATES } from '../schema/webhooks.ts';

/** An endpoint as lists and answers show it: never its secrets. */
export interface EndpointRow {
  id: string;
  url: string;
  description: string | null;
  eventTypes: string[];
  createdAt: Date;
  updatedAt: Date;
  /** When the last of the earlier secrets ends. */
  previousUntil: Date | null;
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledReason: string | null;
}

/** The columns of EndpointRow. */
export const endpointColumns = (sql: Sql | TransactionSql) => sql`
  id, url, description, event_types as "eventTypes", created_at as "createdAt", updated_at as "updatedAt",
  greatest(previous_until, (
    select max((older ->> 'until')::timestamptz) from jsonb_array_elements(older_secrets) older
  )) as "previousUntil", failing_since as "failingSince", disabled_at as "disabledAt",
  disabled_reason as "disabledReason"`;

export async function findWebhookEndpoint(sql: Sql, tenant: Tenant, id: string): Promise<EndpointRow | null> {
  const [row] = await sql<EndpointRow[]>`
    select ${endpointColumns(sql)} from webhook_endpoints
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}`;
  return row ?? null;
}

export async function listWebhookEndpoints(sql: Sql, tenant: Tenant): Promise<EndpointRow[]> {
  return sql<EndpointRow[]>`
    select ${endpointColumns(sql)} from webhook_endpoints
    where app_id = ${tenant.appId} and environment = ${tenant.environment} order by created_at, id`;
}

/** An endpoint of any app, as staff see it. */
export interface ListedEndpoint extends EndpointRow {
  appId: string;
  environment: Environment;
  appName: string;
  /** The state of the newest event for it; null if there was none. */
  lastState: (typeof EVENT_DELIVERY_STATES)[number] | null;
  lastStatus: number | null;
  lastTriedAt: Date | null;
}

/**
 * Endpoints of all apps by the apps' names; of each app first the disabled ones, then failing ones, then the oldest.
 */
export async function listEndpoints(sql: Sql, limit: number): Promise<ListedEndpoint[]> {
  return sql<ListedEndpoint[]>`
    ${endpointsWithLast(sql)}
    order by a.name, a.id, w.environment, w."disabledAt" is null, w."failingSince" is null, w."createdAt", w.id
    limit ${limit}`;
}

/** One endpoint of any app. */
export async function readEndpoint(sql: Sql, id: string): Promise<ListedEndpoint | null> {
  const [row] = await sql<ListedEndpoint[]>`${endpointsWithLast(sql)} where w.id = ${id}::uuid`;
  return row ?? null;
}

function endpointsWithLast(sql: Sql) {
  return sql`
    select w.*, a.name as "appName", last.state as "lastState", last.last_status as "lastStatus",
      last.last_tried_at as "lastTriedAt"
    from (select app_id as "appId", environment, ${endpointColumns(sql)} from webhook_endpoints) w
    join apps a on a.id = w."appId"
    left join lateral (
      select state, last_status, last_tried_at from event_deliveries
      where endpoint_id = w.id order by created_at desc limit 1
    ) last on true`;
}

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
  /** created_at to the microsecond: a position in the list, for which milliseconds are not exact enough. */
  position: string;
}

/** Deliveries to an endpoint, newest first. @param before the position at which the last page ended. */
export async function listEventDeliveries(
  sql: Reader,
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
