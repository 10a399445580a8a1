import type { Sql } from 'postgres';

/** Changes added by one statement. */
const AT_ONCE = 20_000;

/**
 * Adds changes to `counts` and deletes them. A reader sums both tables in one statement, so it sees each change once,
 * before and after.
 *
 * @returns how many changes there were.
 */
export async function foldCounts(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    with changes as (
      delete from count_changes
      where id in (select id from count_changes order by id limit ${AT_ONCE} for update skip locked)
      returning origin_id, variant, bucket, n
    ), added as (
      insert into counts as c (origin_id, variant, bucket, n)
      select origin_id, variant, bucket, sum(n) from changes group by origin_id, variant, bucket
      order by origin_id, variant, bucket
      on conflict (origin_id, variant, bucket) do update set n = c.n + excluded.n, updated_at = now()
    )
    select count(*)::int as count from changes`;
  return row.count;
}
