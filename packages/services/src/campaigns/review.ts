import { ProblemError } from '@carillon/core/text/problem';
import { type CampaignRow, getCampaign } from '@carillon/db/campaigns/campaigns';
import { type ReviewRow, readReview, requestReview } from '@carillon/db/campaigns/reviews';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql, TransactionSql } from 'postgres';
import type { ActorContext } from '../context.ts';
import { assertComplete } from './check-definition.ts';
import { reviewSubject } from './count-review.ts';
import { noSuchCampaign, wrongCampaignState } from './no-such-campaign.ts';

/**
 * Asks for a review of a campaign: a worker counts whom it would reach. One that is being counted goes on.
 *
 * @throws ProblemError 404, 409 for a campaign that has started, 422 for one that is not complete.
 */
export async function askForReview(
  { db, actor }: ActorContext,
  { tenant, id }: { tenant: Tenant; id: string },
): Promise<ReviewRow> {
  return db.begin(async (tx) => {
    const campaign = await getCampaign(tx, tenant, id);
    if (campaign === null) throw noSuchCampaign(id);
    assertReviewable(campaign);
    assertComplete(campaign.definition);
    const { fingerprint } = await reviewSubject(tx, campaign);
    await requestReview(tx, id, fingerprint, actor);
    return (await readReview(tx, id))!;
  });
}

/**
 * The review of a campaign as it is now.
 *
 * @throws ProblemError 404 if there is none: none was asked for, or a change has voided it.
 */
export async function currentReview(
  db: Sql | TransactionSql,
  { tenant, id }: { tenant: Tenant; id: string },
): Promise<{ campaign: CampaignRow; review: ReviewRow }> {
  const campaign = await getCampaign(db, tenant, id);
  if (campaign === null) throw noSuchCampaign(id);
  const review = await readReview(db, id);
  const isOf = review !== null && (await fingerprintOf(db, campaign)) === review.fingerprint;
  if (!isOf)
    throw new ProblemError(
      'not_found',
      `Campaign ${id} has no valid review${review === null ? '' : ': its content, audience or a template was changed'}. POST /v1/campaigns/${id}/review makes one.`,
    );
  return { campaign, review };
}

/** Of a campaign that has started: what was reviewed then holds. */
async function fingerprintOf(db: Sql | TransactionSql, campaign: CampaignRow): Promise<string | null> {
  if (campaign.startedAt !== null) return (await readReview(db, campaign.id))?.fingerprint ?? null;
  try {
    assertComplete(campaign.definition);
    return (await reviewSubject(db, campaign)).fingerprint;
  } catch (error) {
    // What it names is gone.
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

function assertReviewable(campaign: CampaignRow): void {
  if (campaign.state === 'draft' || campaign.state === 'scheduled') return;
  throw wrongCampaignState(campaign, 'only a campaign that has not started can be reviewed');
}
