import type { Sql } from 'postgres';
import { dueTogether } from './due-together.ts';

/**
 * Writes outbox rows for scheduled notifications that come due within the horizon and were not released yet.
 * `queued_at` marks the release, so several promoters and several turns release each once.
 *
 * One that was touched since it was accepted may have a job already: rescheduled, a delayed one; held for quiet hours,
 * a finished one that is kept for Bull Board. BullMQ would ignore a second job of its id, so the relay replaces it.
 *
 * @returns how many were released.
 */
export async function releaseScheduled(sql: Sql, ids: readonly string[], horizonMs: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with due as materialized (
      select id, channel, priority, ${dueTogether(sql)} as due,
        case when updated_at > created_at then 'delivery.resumed' else 'delivery.requested' end as kind
      from notifications
      where id = any (${ids as string[]}::uuid[]) and state = 'scheduled' and queued_at is null
        and next_attempt_at <= now() + ${horizonMs} * interval '1 millisecond'
      for update skip locked
    ), released as (
      update notifications n set queued_at = now(), updated_at = now()
      from due where n.id = due.id
    ), numbered as (
      select id, channel || '-' || priority as lane, due, kind,
        (row_number() over (partition by kind, channel, priority, due order by id) - 1) / 100 as slice
      from due
    ), announced as (
      insert into outbox (kind, lane, ids, available_at)
      select kind, lane, array_agg(id), due from numbered group by kind, lane, due, slice
    )
    select count(*)::int as count from due
  `;
  return row?.count ?? 0;
}
