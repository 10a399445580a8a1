import { FINAL_STATES } from '@carillon/core/notification/states';
import type { Sql, TransactionSql } from 'postgres';

/**
 * A part of a statement that moves notifications: adds what moves into a final state to the counts of its origin. Moves
 * within the open states are not counted. Only inserts, so that it locks nothing.
 *
 * @param moved a query or the name of a CTE with `origin_id`, `origin_variant` and `state` of the moved rows; none of
 *   them was in a final state before.
 */
export const countEnded = (sql: Sql | TransactionSql, moved = sql`moved`) => sql`counted as (
      insert into count_changes (origin_id, variant, bucket, n)
      select origin_id, origin_variant, state, count(*) from ${moved} ended
      where origin_id is not null and state = any (${FINAL_STATES as string[]}::text[])
      group by origin_id, origin_variant, state
    )`;

/**
 * The same for moves out of final states as well.
 *
 * @param moved with `was` too: the state before, read under the lock.
 */
export const countMoved = (sql: Sql | TransactionSql, moved = sql`moved`) => sql`counted as (
      insert into count_changes (origin_id, variant, bucket, n)
      select origin_id, origin_variant, bucket, sum(n)
      from (
        select origin_id, origin_variant, state as bucket, 1 as n from ${moved} entered
        union all
        select origin_id, origin_variant, was, -1 from ${moved} gone
      ) both_ways
      where origin_id is not null and bucket = any (${FINAL_STATES as string[]}::text[])
      group by origin_id, origin_variant, bucket
      having sum(n) <> 0
    )`;

/** One notification that was moved in a transaction, its row locked before. */
export interface CountedMove {
  originId: string | null;
  originVariant: number | null;
  was: string;
  state: string;
}

/** Adds the move of one notification to the counts of its origin, in the transaction of the move. */
export async function countMove(tx: Sql | TransactionSql, move: CountedMove): Promise<void> {
  if (move.originId === null) return;
  await tx`
    with moved as (
      select ${move.originId}::uuid as origin_id, ${move.originVariant}::smallint as origin_variant,
        ${move.was}::text as was, ${move.state}::text as state
    ), ${countMoved(tx)}
    select 1`;
}
