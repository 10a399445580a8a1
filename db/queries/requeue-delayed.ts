import type { Sql } from 'postgres';

/**
 * After Redis was lost: announces again every retrying row, and every scheduled row already released, so that its
 * delayed job is made anew for its own due time.
 *
 * @param queuedBefore rows announced later have a job again.
 */
export async function requeueDelayed(sql: Sql, queuedBefore: Date, limit: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with waiting as materialized (
      select id, channel, priority, next_attempt_at
      from notifications
      where (rare_state = 'retrying' or (rare_state = 'scheduled' and queued_at is not null))
        and (queued_at is null or queued_at < ${queuedBefore})
      order by next_attempt_at
      limit ${limit}
      for update skip locked
    ), marked as (
      update notifications n set queued_at = now() from waiting w where n.id = w.id
    ), numbered as (
      select id, channel || '-' || priority as lane, next_attempt_at,
        (row_number() over (partition by channel, priority, next_attempt_at order by id) - 1) / 100 as slice
      from waiting
    ), announced as (
      insert into outbox (kind, lane, ids, available_at)
      select 'delivery.resumed', lane, array_agg(id), next_attempt_at from numbered group by lane, next_attempt_at, slice
    )
    select count(*)::int as count from waiting
  `;
  return row?.count ?? 0;
}
