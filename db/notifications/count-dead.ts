import type { Reader } from '../replica/reader.ts';

/** Counting stops here: beyond that only the growth before it was worth knowing. */
const MOST = 100_000;

/** Notifications in state `dead`, at most MOST. Reads the partial index of rare states only. */
export async function countDead(sql: Reader): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count
    from (select from notifications where rare_state = 'dead' limit ${MOST}) as counted`;
  return row.count;
}
