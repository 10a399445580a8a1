import type { Reader } from '../replica/reader.ts';

/** Counting stops here. */
const MOST = 100_000;

/** Deliveries of events that wait for a try, at most MOST. Reads the partial index of those that wait. */
export async function countPendingEvents(sql: Reader): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count
    from (
      select from event_deliveries where state = 'pending' and next_try_at > '-infinity' limit ${MOST}
    ) as counted`;
  return row.count;
}
