import type { ReviewResult } from '@carillon/core/campaign/review';
import type { Sql, TransactionSql } from 'postgres';
import { type CampaignRow, campaignColumns } from './campaigns.ts';

export interface ReviewRow {
  /** Of what was reviewed: a campaign, template versions and audiences with another one need another review. */
  fingerprint: string;
  state: 'counting' | 'done' | 'failed';
  requestedAt: Date;
  countedAt: Date | null;
  result: ReviewResult | null;
  error: string | null;
}

export async function readReview(sql: Sql | TransactionSql, campaignId: string): Promise<ReviewRow | null> {
  const [row] = await sql<ReviewRow[]>`
    select fingerprint, state, requested_at as "requestedAt", counted_at as "countedAt", result, error
    from campaign_reviews where campaign_id = ${campaignId}`;
  return row ?? null;
}

/** Asks for a count. One of the same that is being counted goes on. */
export async function requestReview(
  sql: Sql | TransactionSql,
  campaignId: string,
  fingerprint: string,
  actor: string,
): Promise<void> {
  await sql`
    insert into campaign_reviews (campaign_id, fingerprint, requested_by) values (${campaignId}, ${fingerprint}, ${actor})
    on conflict (campaign_id) do update set
      fingerprint = excluded.fingerprint, state = 'counting', requested_by = excluded.requested_by,
      requested_at = now(), lease_until = null, counted_at = null, result = null, error = null
    where campaign_reviews.state <> 'counting' or campaign_reviews.fingerprint <> excluded.fingerprint`;
}

/** Stores a count that was made at once. */
export async function storeReview(
  sql: Sql | TransactionSql,
  campaignId: string,
  fingerprint: string,
  actor: string,
  result: ReviewResult,
): Promise<void> {
  await sql`
    insert into campaign_reviews (campaign_id, fingerprint, requested_by, state, counted_at, result)
    values (${campaignId}, ${fingerprint}, ${actor}, 'done', now(), ${JSON.stringify(result)}::text::jsonb)
    on conflict (campaign_id) do update set
      fingerprint = excluded.fingerprint, state = 'done', requested_by = excluded.requested_by, requested_at = now(),
      lease_until = null, counted_at = now(), result = excluded.result, error = null`;
}

/** A review that this process counts now. */
export interface ClaimedReview {
  campaign: CampaignRow;
  fingerprint: string;
}

/** Takes the review that waits for the longest; another process may take it when the lease ends. */
export async function claimReview(sql: Sql, leaseMs: number): Promise<ClaimedReview | null> {
  return sql.begin(async (tx) => {
    const [claimed] = await tx<{ id: string; fingerprint: string }[]>`
      update campaign_reviews set lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
      where campaign_id = (
        select campaign_id from campaign_reviews
        where state = 'counting' and (lease_until is null or lease_until < now())
        order by requested_at limit 1
        for update skip locked
      )
      returning campaign_id as id, fingerprint`;
    if (claimed === undefined) return null;
    const [campaign] = await tx<[CampaignRow]>`
      select ${campaignColumns(tx)} from campaigns where id = ${claimed.id}`;
    return { campaign, fingerprint: claimed.fingerprint };
  });
}

/** Ends a review that was claimed, unless another one was asked for meanwhile. */
export async function finishReview(
  sql: Sql,
  { campaign, fingerprint }: ClaimedReview,
  ended: { result: ReviewResult } | { error: string },
): Promise<boolean> {
  const result = 'result' in ended ? JSON.stringify(ended.result) : null;
  const error = 'error' in ended ? ended.error : null;
  const rows = await sql`
    update campaign_reviews
    set state = ${error === null ? 'done' : 'failed'}, lease_until = null,
      counted_at = case when ${error === null} then now() end, result = ${result}::text::jsonb, error = ${error}
    where campaign_id = ${campaign.id} and fingerprint = ${fingerprint} and state = 'counting'
    returning campaign_id`;
  return rows.length > 0;
}
