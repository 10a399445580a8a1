import type { TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * Takes a recipient who is erased out of frozen audiences and out of the lists of those for whom nothing was made. Comes
 * before the search for their notifications: it waits for a slice that is being made for them, which is found then.
 *
 * @param hash what their notifications carry instead of their id.
 */
export async function eraseFromCampaigns(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
  hash: string,
): Promise<void> {
  const own = tx`campaign_id in (select id from campaigns where app_id = ${appId} and environment = ${environment})`;
  // The places of the others stay: how far a chunk is made is a place.
  await tx`
    update campaign_chunks set recipient_ids = array_replace(recipient_ids, ${recipientId}::text, null)
    where ${own} and recipient_ids @> array[${recipientId}::text]`;
  await tx`
    update campaign_not_made set recipient_id = ${hash} where ${own} and recipient_id = ${recipientId}`;
}
