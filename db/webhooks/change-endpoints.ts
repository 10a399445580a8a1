import { beforeChange } from '@carillon/core/access/audited-change';
import type { Sealed } from '@carillon/core/notification/envelope';
import type { Sql } from 'postgres';
import { audit, auditedUrl } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type EndpointRow, endpointColumns } from './endpoints.ts';

/** More endpoints than this of one app and environment are a mistake, and each costs every event a delivery. */
export const MAX_ENDPOINTS = 50;

/** @returns null if the app has MAX_ENDPOINTS already. */
export async function createWebhookEndpoint(
  sql: Sql,
  tenant: Tenant,
  id: string,
  fields: { url: string; description: string | null; eventTypes: readonly string[] },
  secret: Sealed,
  actor: string,
): Promise<EndpointRow | null> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('carillon.webhook_endpoints'), hashtext(${appId}))`;
    const [row] = await tx<EndpointRow[]>`
      insert into webhook_endpoints (id, app_id, environment, url, description, event_types, secret, data_key, key_id)
      select ${id}::uuid, ${appId}::uuid, ${environment}, ${fields.url}, ${fields.description}::text,
        ${fields.eventTypes as string[]}::text[], ${secret.sealed}::bytea, ${secret.dataKey}::bytea, ${secret.keyId}
      where (select count(*) from webhook_endpoints where app_id = ${appId} and environment = ${environment}) < ${MAX_ENDPOINTS}
      returning ${endpointColumns(tx)}`;
    if (!row) return null;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.create',
      subject: `webhook_endpoint:${id}`,
      detail: { environment, ...auditedUrl(fields.url) },
    });
    return row;
  });
}

/** Members that are undefined stay as they are. */
export interface EndpointPatch {
  url?: string | undefined;
  description?: string | null | undefined;
  eventTypes?: readonly string[] | undefined;
  /** true also clears earlier failures; false stops deliveries. */
  enabled?: boolean | undefined;
}

export async function patchWebhookEndpoint(
  sql: Sql,
  tenant: Tenant,
  id: string,
  patch: EndpointPatch,
  actor: string,
): Promise<EndpointRow | null> {
  const { appId, environment } = tenant;
  const { url, ...rest } = patch;
  const { description, eventTypes, enabled } = rest;
  return sql.begin(async (tx) => {
    const [before] = await tx<EndpointRow[]>`
      select ${endpointColumns(tx)} from webhook_endpoints
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment} for update`;
    const [row] = await tx<EndpointRow[]>`
      update webhook_endpoints
      set url = coalesce(${url ?? null}, url),
          description = case when ${description !== undefined} then ${description ?? null}::text else description end,
          event_types = coalesce(${(eventTypes as string[]) ?? null}::text[], event_types),
          disabled_at = case ${enabled ?? null}::boolean when true then null when false then coalesce(disabled_at, now()) else disabled_at end,
          disabled_reason = case ${enabled ?? null}::boolean when true then null when false then 'by request' else disabled_reason end,
          failing_since = case when ${enabled ?? null}::boolean then null else failing_since end,
          updated_at = now()
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment}
      returning ${endpointColumns(tx)}`;
    if (!before || !row) return null;
    const detail = { ...rest, ...(url === undefined ? {} : auditedUrl(url)) };
    const was = {
      ...auditedUrl(before.url),
      description: before.description,
      eventTypes: before.eventTypes,
      enabled: before.disabledAt === null,
    };
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.patch',
      subject: `webhook_endpoint:${id}`,
      detail: { ...detail, ...beforeChange(was, withoutUndefined(detail)) },
    });
    return row;
  });
}

const withoutUndefined = (detail: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined));

/** @returns whether it existed. Its pending deliveries are dropped when they come due. */
export async function deleteWebhookEndpoint(
  sql: Sql,
  tenant: Tenant,
  id: string,
  actor: string,
): Promise<boolean> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    const [row] = await tx<{ url: string }[]>`
      delete from webhook_endpoints
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment} returning url`;
    if (!row) return false;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.delete',
      subject: `webhook_endpoint:${id}`,
      detail: auditedUrl(row.url),
    });
    return true;
  });
}
