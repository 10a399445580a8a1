import type { Sealed } from '@carillon/core/envelope';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import { type EndpointRow, endpointColumns } from './find-webhook-endpoint.ts';

/**
 * Gives an endpoint a new signing secret. Until `overlapSeconds` from now signatures are made with the old one too, so that
 * the receiver can change over without losing an event.
 */
export async function rotateWebhookSecret(
  sql: Sql,
  tenant: Tenant,
  id: string,
  secret: Sealed,
  overlapSeconds: number,
  actor: string,
): Promise<EndpointRow | null> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    const [row] = await tx<EndpointRow[]>`
      update webhook_endpoints
      set previous_secret = secret, previous_data_key = data_key, previous_key_id = key_id,
          previous_until = now() + ${overlapSeconds} * interval '1 second',
          secret = ${secret.sealed}, data_key = ${secret.dataKey}, key_id = ${secret.keyId}, updated_at = now()
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment}
      returning ${endpointColumns(tx)}`;
    if (!row) return null;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.rotate_secret',
      subject: `webhook_endpoint:${id}`,
      detail: { overlap_seconds: overlapSeconds },
    });
    return row;
  });
}
