import type { Channel } from '@carillon/core/notification/channel';
import type { SuppressionReason } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type SuppressionRow, suppressionColumns } from './suppressions.ts';

export interface NewSuppression {
  channel: Channel;
  addressHash: Buffer;
  reason: SuppressionReason;
  detail: string | null;
}

/**
 * Suppresses an address from now on. One that is suppressed already keeps its first reason and writes nothing.
 *
 * @param actor `key:<key id>`.
 */
export async function putSuppression(
  sql: Sql,
  { appId, environment }: Tenant,
  { channel, addressHash, reason, detail }: NewSuppression,
  actor: string,
): Promise<{ row: SuppressionRow; created: boolean }> {
  return sql.begin(async (tx) => {
    // The update changes nothing; it locks the row and returns it, which "do nothing" would not.
    const [found] = await tx<(SuppressionRow & { created: boolean })[]>`
      insert into suppressions as s (app_id, environment, channel, address_hash, reason, detail, added_by)
      values (${appId}, ${environment}, ${channel}, ${addressHash}, ${reason}, ${detail}, ${actor})
      on conflict (app_id, environment, channel, address_hash) do update set reason = s.reason
      returning ${suppressionColumns(sql)}, xmax = 0 as created`;
    const { created, ...row } = found!;
    if (created) {
      await audit(tx, {
        appId,
        actor,
        action: 'suppression.add',
        subject: `suppression:${channel}/${addressHash.toString('hex')}`,
        detail: { environment, reason },
      });
    }
    return { row, created };
  });
}

/**
 * Lifts the suppression of an address.
 *
 * @param why for people; kept in the audit log.
 * @param actor `key:<key id>`.
 * @returns whether it was suppressed.
 */
export async function deleteSuppression(
  sql: Sql,
  { appId, environment }: Tenant,
  { channel, addressHash, why }: { channel: Channel; addressHash: Buffer; why?: string | undefined },
  actor: string,
): Promise<boolean> {
  return sql.begin(async (tx) => {
    const [gone] = await tx<{ reason: string }[]>`
      delete from suppressions
      where app_id = ${appId} and environment = ${environment} and channel = ${channel}
        and address_hash = ${addressHash}
      returning reason`;
    if (!gone) return false;
    await audit(tx, {
      appId,
      actor,
      action: 'suppression.remove',
      subject: `suppression:${channel}/${addressHash.toString('hex')}`,
      detail: { environment, was: gone.reason, ...(why === undefined ? {} : { reason: why }) },
    });
    return true;
  });
}
