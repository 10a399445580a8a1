import type { Sql } from 'postgres';

/**
 * Retrying notifications, and scheduled ones already released, that were announced before a moment: those whose delayed
 * job went with Redis. The soonest first.
 *
 * Read in large parts, because those announced anew stay in the same index and are read past each time.
 */
export async function findDelayed(sql: Sql, queuedBefore: Date, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id
    from notifications
    where rare_state in ('retrying', 'scheduled')
      and (queued_at < ${queuedBefore} or (queued_at is null and rare_state = 'retrying'))
    order by next_attempt_at
    limit ${limit}`;
  return rows.map((row) => row.id);
}
