import { FINAL_STATES } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';

/** A count that differed from the notifications. */
export interface CountDifference {
  variant: number;
  bucket: string;
  counted: number;
  actual: number;
}

/**
 * Compares the counts of an origin with its notifications, in one snapshot, and corrects what differs. Only while none
 * of them was removed by retention. Reads all notifications of the origin.
 *
 * Differences come from processes of a release without origins that run beside this one during an upgrade, and from
 * states changed by hand; any other is a defect.
 *
 * @param sql a pool for set statements.
 */
export async function auditCounts(sql: Sql, originId: string): Promise<CountDifference[]> {
  return sql<CountDifference[]>`
    with actual as materialized (
      select coalesce(origin_variant, 0) as variant, state, count(*) as n
      from notifications where origin_id = ${originId}
      group by 1, 2
    ), wanted as (
      select variant, state as bucket, n from actual where state = any (${FINAL_STATES as string[]}::text[])
      union all
      select variant, 'made', sum(n) from actual group by variant
    ), counted as (
      select variant, bucket, sum(n) as n
      from (
        select variant, bucket, n from counts where origin_id = ${originId}
        union all
        select variant, bucket, n from count_changes where origin_id = ${originId}
      ) both_tables
      where bucket = 'made' or bucket = any (${FINAL_STATES as string[]}::text[])
      group by variant, bucket
    ), differing as materialized (
      select variant, bucket, coalesce(c.n, 0) as counted, coalesce(w.n, 0) as actual
      from wanted w full join counted c using (variant, bucket)
      where coalesce(c.n, 0) <> coalesce(w.n, 0)
    ), corrected as (
      insert into count_changes (origin_id, variant, bucket, n)
      select ${originId}::uuid, variant, bucket, actual - counted from differing
    )
    select variant, bucket, counted::float8, actual::float8 from differing order by variant, bucket`;
}
