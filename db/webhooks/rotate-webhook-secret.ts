import type { Sealed } from '@carillon/core/notification/envelope';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { OlderSecret } from '../schema/webhooks.ts';
import { type EndpointRow, endpointColumns } from './endpoints.ts';

/** Secrets that an endpoint's events are signed with at the same time, the newest included. */
export const MAX_SECRETS = 5;

export type Rotation =
  | { outcome: 'rotated'; row: EndpointRow }
  /** MAX_SECRETS sign already. @param until when the first of the earlier ones ends. */
  | { outcome: 'too_many'; until: Date }
  | { outcome: 'missing' };

/**
 * Gives an endpoint a new signing secret. Until `overlapSeconds` from now signatures are made with the old one too, so
 * that the receiver can switch without losing an event. Secrets of earlier rotations stay valid until their own
 * overlaps end.
 *
 * @param overlapSeconds 0 ends every earlier secret at once: one of them has leaked.
 */
export async function rotateWebhookSecret(
  sql: Sql,
  tenant: Tenant,
  id: string,
  secret: Sealed,
  overlapSeconds: number,
  actor: string,
): Promise<Rotation> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    const [before] = await tx<Secrets[]>`
      select previous_secret as "previousSecret",
        previous_data_key as "previousDataKey", previous_key_id as "previousKeyId", previous_until as "previousUntil",
        older_secrets as "olderSecrets", now() as now
      from webhook_endpoints
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment}
      for update`;
    if (!before) return { outcome: 'missing' };
    const earlier = overlapSeconds === 0 ? [] : liveOf(before);
    // Including the present one and the new one.
    if (earlier.length + 2 > MAX_SECRETS) {
      const ends = earlier.map(({ until }) => Date.parse(until));
      return { outcome: 'too_many', until: new Date(Math.min(...ends)) };
    }
    const [row] = await tx<EndpointRow[]>`
      update webhook_endpoints
      set previous_secret = secret, previous_data_key = data_key, previous_key_id = key_id,
          previous_until = now() + ${overlapSeconds} * interval '1 second',
          older_secrets = ${JSON.stringify(earlier)}::text::jsonb,
          secret = ${secret.sealed}, data_key = ${secret.dataKey}, key_id = ${secret.keyId}, updated_at = now()
      where id = ${id}::uuid
      returning ${endpointColumns(tx)}`;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.rotate_secret',
      subject: `webhook_endpoint:${id}`,
      detail: { overlap_seconds: overlapSeconds },
    });
    return { outcome: 'rotated', row: row! };
  });
}

interface Secrets {
  previousSecret: Buffer | null;
  previousDataKey: Buffer | null;
  previousKeyId: string | null;
  previousUntil: Date | null;
  olderSecrets: OlderSecret[];
  now: Date;
}

/** The earlier secrets whose overlaps are not over yet, newest first. */
function liveOf(row: Secrets): OlderSecret[] {
  const { previousSecret, previousDataKey, previousKeyId, previousUntil, olderSecrets, now } = row;
  const previous = previousSecret
    ? [
        {
          secret: previousSecret.toString('base64'),
          data_key: previousDataKey!.toString('base64'),
          key_id: previousKeyId!,
          until: previousUntil!.toISOString(),
        },
      ]
    : [];
  return [...previous, ...olderSecrets].filter(({ until }) => Date.parse(until) > now.getTime());
}
