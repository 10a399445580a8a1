import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../tenant.ts';

/** An endpoint as lists and answers show it: never its secrets. */
export interface EndpointRow {
  id: string;
  url: string;
  description: string | null;
  eventTypes: string[];
  createdAt: Date;
  updatedAt: Date;
  previousUntil: Date | null;
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledReason: string | null;
}

/** The columns of EndpointRow. */
export const endpointColumns = (sql: Sql | TransactionSql) => sql`
  id, url, description, event_types as "eventTypes", created_at as "createdAt", updated_at as "updatedAt",
  previous_until as "previousUntil", failing_since as "failingSince", disabled_at as "disabledAt",
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
