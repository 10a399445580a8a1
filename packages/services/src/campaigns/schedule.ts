import type { CampaignSchedule } from '@carillon/core/campaign/campaign';
import { reachableOf, reviewProblems } from '@carillon/core/campaign/problems';
import type { ReviewResult } from '@carillon/core/campaign/review';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { approvesCampaigns } from '@carillon/db/campaigns/approvals';
import { type CampaignRow, getCampaign, lockCampaign } from '@carillon/db/campaigns/campaigns';
import { scheduleCampaign as scheduleRow } from '@carillon/db/campaigns/change-campaigns';
import { readReview, requestReview, storeReview } from '@carillon/db/campaigns/reviews';
import { isQueryCancelled } from '@carillon/db/connection/sql-state';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql } from 'postgres';
import type { ActorContext } from '../context.ts';
import { assertApproved } from './approve.ts';
import { assertComplete, pinned } from './check-definition.ts';
import { countSubject, type ReviewSubject, reviewSubject } from './count-review.ts';
import { noSuchCampaign, wrongCampaignState } from './no-such-campaign.ts';
import { startOf } from './start-of.ts';

/** A campaign without a valid review is counted while the request waits, for this long at most. */
const COUNT_MS = 3_500;

export interface ScheduleInput {
  tenant: Tenant;
  id: string;
  schedule: CampaignSchedule;
  /** The review that was looked at; another one is refused. */
  reviewId?: string | undefined;
  unchanged?: ((current: CampaignRow | null) => void) | undefined;
}

/**
 * Plans a campaign: its template versions are pinned, and its launch begins when the time comes. Without a valid review
 * it is reviewed first. One that is scheduled in the same way stays so; with another time it is planned again.
 *
 * @param ctx.sets a pool for set statements.
 * @throws ProblemError 404; 409 `invalid_state`, `conflict`, `stale_review`; 422 `invalid_request`, `not_published`,
 *   `unknown_template`, `unknown_audience`, `empty_audience`, `missing_variables`.
 */
export async function scheduleCampaign(
  { db, sets, actor }: ActorContext & { sets: Sql },
  input: ScheduleInput,
): Promise<CampaignRow> {
  const { tenant, id, schedule, reviewId, unchanged } = input;
  const seen = await getCampaign(db, tenant, id);
  if (seen === null) throw noSuchCampaign(id);
  if (isScheduledSo(seen, schedule)) return seen;
  unchanged?.(seen);
  assertSchedulable(seen);
  assertComplete(seen.definition);
  const subject = await reviewSubject(db, seen);
  pinned(subject.texts, seen.definition);
  // Before the count, which takes a while; the same is asked again in the transaction.
  await startOf(db, seen, schedule);
  if (reviewId !== undefined && reviewId !== subject.fingerprint) throw staleReview(id, 'changed');
  const result = await reviewed({ db, sets, actor }, subject);
  const problem = fault(result);
  if (problem !== null) throw problem;

  return db.begin(async (tx) => {
    const row = await lockCampaign(tx, tenant, id);
    if (row === null) throw noSuchCampaign(id);
    if (isScheduledSo(row, schedule)) return row;
    unchanged?.(row);
    assertSchedulable(row);
    assertComplete(row.definition);
    const now = await reviewSubject(tx, row);
    if (now.fingerprint !== subject.fingerprint) throw staleReview(id, 'changed');
    const startsAt = await startOf(tx, row, schedule);
    if (await approvesCampaigns(tx, tenant.appId)) await assertApproved(tx, row, now.fingerprint);
    const content = pinned(now.texts, row.definition);
    const campaign = await scheduleRow(tx, id, { schedule, startsAt, content, actor });
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'campaign.schedule',
      subject: `campaign:${id}`,
      detail: {
        environment: tenant.environment,
        from: row.state,
        ...schedule,
        version: campaign.version,
        templates: content.map(({ template, version }) => `${template} ${version}`),
        reachable: reachableOf(result),
      },
    });
    return campaign;
  }) as Promise<CampaignRow>;
}

/** What a valid review says, or a count that is made now. */
async function reviewed(
  { db, sets, actor }: ActorContext & { sets: Sql },
  subject: ReviewSubject,
): Promise<ReviewResult> {
  const { campaign, fingerprint } = subject;
  const review = await readReview(db, campaign.id);
  const isValid = review?.state === 'done' && review.fingerprint === fingerprint;
  // People change without voiding it: one that refuses may be wrong by now.
  if (isValid && fault(review.result!) === null) return review.result!;
  try {
    const result = await countSubject(sets, subject, COUNT_MS);
    await storeReview(db, campaign.id, fingerprint, actor, result);
    return result;
  } catch (error) {
    if (!isQueryCancelled(error)) throw error;
    await requestReview(db, campaign.id, fingerprint, actor);
    throw staleReview(campaign.id, 'slow');
  }
}

/** Why a campaign with this review is refused, with the counts; null if it is not. */
function fault(result: ReviewResult): ProblemError | null {
  const problems = reviewProblems(result);
  const [first] = problems;
  if (first === undefined) return null;
  const { ends_at, ...counts } = result;
  const errors = problems.map(({ path, detail }) => ({ path, message: detail }));
  const detail = problems.map((problem) => problem.detail).join(' ');
  return new ProblemError(first.code, detail, { errors, counts });
}

function staleReview(id: string, why: 'changed' | 'slow'): ProblemError {
  return new ProblemError(
    'stale_review',
    why === 'slow'
      ? `Campaign ${id} has no valid review, and counting takes longer than a request may. It goes on: read GET /v1/campaigns/${id}/review until it is done, then schedule again.`
      : `The review is out of date: campaign ${id}, its audience or a template was changed. POST /v1/campaigns/${id}/review, look at the counts, then schedule again.`,
  );
}

function isScheduledSo({ state, schedule }: CampaignRow, wanted: CampaignSchedule): boolean {
  return state === 'scheduled' && canonicalJson(schedule) === canonicalJson(wanted);
}

function assertSchedulable(row: CampaignRow): void {
  if (row.state === 'draft' || row.state === 'scheduled') return;
  throw wrongCampaignState(row, 'only a campaign that has not started can be scheduled');
}
