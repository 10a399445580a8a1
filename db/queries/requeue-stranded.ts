import type { Sql } from 'postgres';
import { isStranded, itsLaneFront, laneFrontsOf } from './neglected.ts';

/**
 * Announces pending notifications of a window of creation time that nobody announces any more: their outbox row was
 * deleted by hand, or by a mistake. Harmless if a job does exist: the claim decides.
 *
 * @param afterMs how long it must have been pending.
 */
export async function requeueStranded(
  sql: Sql,
  from: Date,
  to: Date,
  afterMs: number,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with ${laneFrontsOf(sql, afterMs)}, stranded as materialized (
      select notifications.id
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to} and ${isStranded(sql)}
    ), taken as materialized (
      select n.id, n.channel, n.priority
      from notifications n
      -- Asked of the row itself once more: another node may have announced it since this statement began.
      where n.id in (select id from stranded limit ${limit}) and n.state = 'pending'
        and greatest(n.updated_at, n.queued_at) < now() - ${afterMs} * interval '1 millisecond'
      for update skip locked
    ), marked as (
      update notifications n set queued_at = now(), updated_at = now() from taken t where n.id = t.id
    ), numbered as (
      select id, channel || '-' || priority as lane,
        (row_number() over (partition by channel, priority order by id) - 1) / 100 as slice
      from taken
    ), announced as (
      insert into outbox (kind, lane, ids)
      select 'delivery.resumed', lane, array_agg(id) from numbered group by lane, slice
    )
    select count(*)::int as count from taken
  `;
  return row?.count ?? 0;
}
