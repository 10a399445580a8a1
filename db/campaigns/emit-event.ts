import type { CampaignState } from '@carillon/core/campaign/states';
import type { Sql, TransactionSql } from 'postgres';
import { readCounts } from '../origins/read-counts.ts';

/** Announces what became of a campaign to the app's webhook endpoints, in the transaction of the change. */
export async function emitCampaignEvent(
  tx: Sql | TransactionSql,
  id: string,
  type: 'campaign.completed' | 'campaign.paused' | 'campaign.failed',
): Promise<void> {
  const [row] = await tx<
    { appId: string; environment: string; name: string; state: CampaignState; reason: string | null }[]
  >`select app_id as "appId", environment, name, state, reason from campaigns where id = ${id}`;
  if (!row) return;
  const counts = (await readCounts(tx, [id])).get(id)!.whole;
  const { appId, environment, name, state, reason } = row;
  const data = { id, campaign_id: id, name, state, counts, ...(reason === null ? {} : { reason }) };
  await tx`
    select emit_event(${appId}::uuid, ${environment}::text, ${type}::text, null::uuid, ${JSON.stringify(data)}::text::jsonb)`;
}
