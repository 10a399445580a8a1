import type { Sealed } from '@carillon/core/envelope';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import { type EndpointRow, endpointColumns } from './find-webhook-endpoint.ts';

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
      detail: { environment, url: fields.url },
    });
    return row;
  });
}
