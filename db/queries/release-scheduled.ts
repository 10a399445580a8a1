import type { Sql } from 'postgres';

/**
 * Writes outbox rows for scheduled notifications that come due within the horizon and were not released yet.
 * `queued_at` marks the release, so several promoters and several turns release each once.
 *
 * A rescheduled one may still have a delayed job: BullMQ then ignores the second, and the first, coming too early, is
 * sent back by the claim until the row's own time.
 *
 * @returns how many were released; fewer than `limit` means none are left.
 */
export async function releaseScheduled(sql: Sql, horizonMs: number, limit: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with due as materialized (
      select id, channel, priority, next_attempt_at
      from notifications
      where rare_state = 'scheduled' and queued_at is null
        and next_attempt_at <= now() + ${horizonMs} * interval '1 millisecond'
      order by next_attempt_at
      limit ${limit}
      for update skip locked
    ), released as (
      update notifications n set queued_at = now(), updated_at = now()
      from due where n.id = due.id
    ), numbered as (
      select id, channel || '-' || priority as lane, next_attempt_at,
        (row_number() over (partition by channel, priority, next_attempt_at order by id) - 1) / 100 as slice
      from due
    ), announced as (
      insert into outbox (lane, ids, available_at)
      select lane, array_agg(id), next_attempt_at
      from numbered group by lane, next_attempt_at, slice
    )
    select count(*)::int as count from due
  `;
  return row?.count ?? 0;
}
