import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';

/** @returns whether it was there. Its pending deliveries are dropped when they come due. */
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
      detail: { url: row.url },
    });
    return true;
  });
}
