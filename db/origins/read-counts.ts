import {
  type Bucket,
  type CampaignCounts,
  campaignCounts,
  RESTING_STATES,
  type RestingState,
} from '@carillon/core/campaign/counts';
import type { Sql, TransactionSql } from 'postgres';

/** The counts of an origin: as a whole, and of each variant, by its number from 1. */
export interface OriginCounts {
  whole: CampaignCounts;
  variants: ReadonlyMap<number, CampaignCounts>;
}

/**
 * Reads the counts of origins, exact in one snapshot: the sums of both tables, and over the index of rare states what
 * rests.
 */
export async function readCounts(
  sql: Sql | TransactionSql,
  originIds: readonly string[],
): Promise<ReadonlyMap<string, OriginCounts>> {
  const rows = await sql<{ id: string; variant: number; bucket: string; n: number; resting: boolean }[]>`
    select origin_id as id, variant, bucket, sum(n)::float8 as n, false as resting
    from (
      select origin_id, variant, bucket, n from counts where origin_id = any (${originIds as string[]}::uuid[])
      union all
      select origin_id, variant, bucket, n from count_changes where origin_id = any (${originIds as string[]}::uuid[])
    ) both_tables
    group by origin_id, variant, bucket
    union all
    select origin_id, origin_variant, rare_state, count(*)::float8, true
    from notifications
    where origin_id = any (${originIds as string[]}::uuid[]) and rare_state = any (${RESTING_STATES as unknown as string[]}::text[])
    group by origin_id, origin_variant, rare_state`;
  const found = new Map<string, OriginCounts>();
  for (const id of originIds) {
    const own = rows.filter((row) => row.id === id);
    const variants = [...new Set(own.map(({ variant }) => variant))].filter((variant) => variant > 0).sort();
    found.set(id, {
      whole: countsOf(own),
      variants: new Map(
        variants.map((variant) => [variant, countsOf(own.filter((row) => row.variant === variant))]),
      ),
    });
  }
  return found;
}

function countsOf(rows: readonly { bucket: string; n: number; resting: boolean }[]): CampaignCounts {
  const buckets: Partial<Record<Bucket, number>> = {};
  const resting: Partial<Record<RestingState, number>> = {};
  for (const { bucket, n, resting: rests } of rows) {
    if (rests) resting[bucket as RestingState] = (resting[bucket as RestingState] ?? 0) + n;
    else buckets[bucket as Bucket] = (buckets[bucket as Bucket] ?? 0) + n;
  }
  return campaignCounts(buckets, resting);
}
