import type { Channel } from '@carillon/core/channel';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';

/**
 * Lets an address be written to again.
 *
 * @param actor `key:<key id>`.
 * @returns whether it was suppressed.
 */
export async function deleteSuppression(
  sql: Sql,
  { appId, environment }: Tenant,
  { channel, addressHash }: { channel: Channel; addressHash: Buffer },
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
      detail: { environment, was: gone.reason },
    });
    return true;
  });
}
