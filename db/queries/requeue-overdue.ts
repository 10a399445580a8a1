import type { Lane } from '@carillon/core/lane';
import type { Sql } from 'postgres';

/**
 * Announces again what should have run by now: retrying and scheduled rows whose due time passed more than `graceMs`
 * ago (their delayed job was lost with Redis, or never made). Harmless if the job does exist: same job id, and the
 * claim decides.
 *
 * @param except lanes that rest on purpose: what is overdue there has its job, and would only get it anew all the time.
 */
export async function requeueOverdue(
  sql: Sql,
  graceMs: number,
  limit: number,
  except: readonly Lane[] = [],
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with overdue as materialized (
      select id, channel, priority
      from notifications
      where rare_state in ('retrying', 'scheduled')
        and next_attempt_at < now() - ${graceMs} * interval '1 millisecond'
        and (queued_at is null or queued_at < now() - ${graceMs} * interval '1 millisecond')
        and channel || '-' || priority <> all (${except as Lane[]}::text[])
      order by next_attempt_at
      limit ${limit}
      for update skip locked
    ), marked as (
      update notifications n set queued_at = now() from overdue o where n.id = o.id
    ), numbered as (
      select id, channel || '-' || priority as lane,
        (row_number() over (partition by channel, priority order by id) - 1) / 100 as slice
      from overdue
    ), announced as (
      insert into outbox (kind, lane, ids)
      select 'delivery.resumed', lane, array_agg(id) from numbered group by lane, slice
    )
    select count(*)::int as count from overdue
  `;
  return row?.count ?? 0;
}
