import type { State } from '@carillon/core/states';
import type { Sql } from 'postgres';

/** Counting stops here: a million scheduled messages must not make every page of the dashboard slow. */
export const COUNT_LIMIT = 10_000;

export type RareCounts = Record<'dead' | 'in_doubt' | 'retrying' | 'scheduled', number>;

/** How many notifications need attention or wait, by state; COUNT_LIMIT + 1 means "more". Reads the partial index only. */
export async function countRare(sql: Sql): Promise<RareCounts> {
  const rows = await sql<{ state: State; count: number }[]>`
    select s.state, c.count
    from unnest(array['dead', 'in_doubt', 'retrying', 'scheduled']) as s (state)
    cross join lateral (
      select count(*)::int as count
      from (select from notifications where rare_state = s.state limit ${COUNT_LIMIT + 1}) as counted
    ) as c`;
  const counts: RareCounts = { dead: 0, in_doubt: 0, retrying: 0, scheduled: 0 };
  for (const { state, count } of rows) counts[state as keyof RareCounts] = count;
  return counts;
}
