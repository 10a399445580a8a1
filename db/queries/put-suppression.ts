import type { Channel } from '@carillon/core/channel';
import type { SuppressionReason } from '@carillon/core/suppression';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import type { SuppressionRow } from './list-suppressions.ts';

export interface NewSuppression {
  channel: Channel;
  addressHash: Buffer;
  reason: SuppressionReason;
  detail: string | null;
}

/**
 * Keeps everything from an address from now on. One that is suppressed already keeps its first reason and writes
 * nothing.
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
      insert into suppressions as s (app_id, environment, channel, address_hash, reason, detail)
      values (${appId}, ${environment}, ${channel}, ${addressHash}, ${reason}, ${detail})
      on conflict (app_id, environment, channel, address_hash) do update set reason = s.reason
      returning channel, address_hash as "addressHash", reason, detail, created_at as "createdAt", xmax = 0 as created`;
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
