import type { Sql } from 'postgres';
import { dueTogether } from './due-together.ts';

/**
 * After Redis was lost: announces retrying notifications, and scheduled ones already released, again, so that each gets
 * a delayed job for its own time. Those that have moved on meanwhile, or were announced since, are left alone.
 *
 * @param queuedBefore rows announced later have a job again.
 */
export async function requeueDelayed(sql: Sql, ids: readonly string[], queuedBefore: Date): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with waiting as materialized (
      select id, channel, priority, ${dueTogether(sql)} as due
      from notifications
      where id = any (${ids as string[]}::uuid[])
        and (state = 'retrying' or (state = 'scheduled' and queued_at is not null))
        and (queued_at is null or queued_at < ${queuedBefore})
      for update skip locked
    ), marked as (
      update notifications n set queued_at = now() from waiting w where n.id = w.id
    ), numbered as (
      select id, channel || '-' || priority as lane, due,
        (row_number() over (partition by channel, priority, due order by id) - 1) / 100 as slice
      from waiting
    ), announced as (
      insert into outbox (kind, lane, ids, available_at)
      select 'delivery.resumed', lane, array_agg(id), due from numbered group by lane, due, slice
    )
    select count(*)::int as count from waiting
  `;
  return row?.count ?? 0;
}
