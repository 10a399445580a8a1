import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { approvedFingerprint, authorsOf } from '@carillon/db/campaigns/approvals';
import { type CampaignRow, lockCampaign } from '@carillon/db/campaigns/campaigns';
import { approveCampaign as approveRow } from '@carillon/db/campaigns/change-campaigns';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { TransactionSql } from 'postgres';
import type { ActorContext } from '../context.ts';
import { assertComplete } from './check-definition.ts';
import { reviewSubject } from './count-review.ts';
import { noSuchCampaign, wrongCampaignState } from './no-such-campaign.ts';

/**
 * Approves a draft exactly as it is, its template versions and audiences included; any edit voids that. Approving what
 * one has approved changes nothing.
 *
 * @param input.unchanged throws if the campaign is not the one that was looked at.
 * @throws ProblemError 403 for its authors, 404, 409, 422 for one that is not complete.
 */
export async function approveCampaign(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    id: string;
    unchanged?: ((current: CampaignRow | null) => void) | undefined;
  },
): Promise<CampaignRow> {
  const { tenant, id, unchanged } = input;
  return db.begin(async (tx) => {
    const row = await lockCampaign(tx, tenant, id);
    if (row === null) throw noSuchCampaign(id);
    unchanged?.(row);
    if (row.state !== 'draft') throw wrongCampaignState(row, 'only a draft can be approved');
    if ((await authorsOf(tx, id)).includes(actor))
      throw new ProblemError(
        'forbidden',
        `${actor} created or changed campaign ${id}, so somebody else has to approve it.`,
      );
    assertComplete(row.definition);
    const { fingerprint } = await reviewSubject(tx, row);
    if (row.approvedBy === actor && (await approvedFingerprint(tx, row)) === fingerprint) return row;
    const approved = await approveRow(tx, id, actor);
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'campaign.approve',
      subject: `campaign:${id}`,
      detail: { environment: tenant.environment, version: approved.version, fingerprint },
    });
    return approved;
  }) as Promise<CampaignRow>;
}

/**
 * @param fingerprint of the campaign as it is now.
 * @throws ProblemError 409 unless exactly this was approved.
 */
export async function assertApproved(
  tx: TransactionSql,
  campaign: CampaignRow,
  fingerprint: string,
): Promise<void> {
  if ((await approvedFingerprint(tx, campaign)) === fingerprint) return;
  const why =
    campaign.approvedBy === null
      ? 'it is not approved, and this app asks for that'
      : `it was changed after ${campaign.approvedBy} approved it, or a template or an audience was`;
  throw wrongCampaignState(
    campaign,
    `${why}. Another person than its authors can approve it: POST /v1/campaigns/${campaign.id}/approve`,
  );
}
