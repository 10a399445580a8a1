import type { Sql, TransactionSql } from 'postgres';
import type { CampaignRow } from './campaigns.ts';

/**
 * The fingerprint of what was approved of a campaign, as the audit log has it; null if its version is not approved.
 */
export async function approvedFingerprint(
  sql: Sql | TransactionSql,
  { id, version, approvedVersion }: Pick<CampaignRow, 'id' | 'version' | 'approvedVersion'>,
): Promise<string | null> {
  if (approvedVersion !== version) return null;
  const [row] = await sql<{ fingerprint: string | null }[]>`
    select detail ->> 'fingerprint' as fingerprint from audit_log
    where subject = ${`campaign:${id}`} and action = 'campaign.approve'
    order by id desc limit 1`;
  return row?.fingerprint ?? null;
}

/**
 * Who wrote a campaign as it is: everybody who created or changed it, as the audit log has them. None of them is another
 * person who could approve it.
 */
export async function authorsOf(tx: Sql | TransactionSql, id: string): Promise<string[]> {
  const rows = await tx<{ actor: string }[]>`
    select distinct actor from audit_log
    where subject = ${`campaign:${id}`} and action in ('campaign.create', 'campaign.change')`;
  return rows.map(({ actor }) => actor);
}

/** Whether an app wants its campaigns approved by another person than their author. */
export async function approvesCampaigns(sql: Sql | TransactionSql, appId: string): Promise<boolean> {
  const [row] = await sql<{ wanted: boolean }[]>`
    select approves_campaigns as wanted from apps where id = ${appId}`;
  return row?.wanted === true;
}
