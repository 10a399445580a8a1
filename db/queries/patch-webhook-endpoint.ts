import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import { type EndpointRow, endpointColumns } from './find-webhook-endpoint.ts';

/** Members that are undefined stay as they are. */
export interface EndpointPatch {
  url?: string | undefined;
  description?: string | null | undefined;
  eventTypes?: readonly string[] | undefined;
  /** true forgives what failed; false stops it. */
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
  const { url, description, eventTypes, enabled } = patch;
  return sql.begin(async (tx) => {
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
    if (!row) return null;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.patch',
      subject: `webhook_endpoint:${id}`,
      detail: { ...patch },
    });
    return row;
  });
}
