import type { Lane } from '@carillon/core/notification/lane';
import type { Sql } from 'postgres';
import { dueTogether } from './scheduled.ts';

export interface LostWindow {
  /** Rows created in [from, to). */
  from: Date;
  to: Date;
  /** Only these lanes, and of each only rows queued before its moment: later ones have a job. */
  lanes: readonly { lane: Lane; queuedBefore: Date }[];
}

/**
 * Announces the queued rows of a window of time whose jobs are gone again. Walks the BRIN index on created_at: there is
 * no index on the hot states (docs/decisions/storage.md).
 *
 * @param batch rows per statement.
 * @param onBatch called after each, with its count.
 * @returns how many in all.
 */
export async function requeueLost(
  sql: Sql,
  window: LostWindow,
  batch: number,
  onBatch: (count: number) => void = () => {},
): Promise<number> {
  // A statement stops as soon as it has its rows, and rows lie nearly in the order of their creation: the next one
  // begins where it stopped and need not read past the rows already taken. Rows out of order are found by a look from
  // the beginning, until such a look finds no more than it takes.
  let total = 0;
  for (let from = window.from; ; ) {
    const { count, newest } = await requeueSome(sql, { ...window, from }, batch);
    total += count;
    if (count > 0) onBatch(count);
    if (count < batch && from === window.from) return total;
    from = count < batch ? window.from : newest!;
  }
}

async function requeueSome(
  sql: Sql,
  window: LostWindow,
  limit: number,
): Promise<{ count: number; newest: Date | null }> {
  const [row] = await sql<[{ count: number; newest: Date | null }]>`
    with fronts as materialized (
      select * from json_to_recordset(${JSON.stringify(window.lanes)}::text::json) as f (
        lane text, "queuedBefore" timestamptz
      )
    ), lost as materialized (
      select n.id, n.channel, n.priority, n.created_at
      from notifications n
      join fronts f on f.lane = n.channel || '-' || n.priority and n.queued_at < f."queuedBefore"
      where n.created_at >= ${window.from} and n.created_at < ${window.to} and n.state = 'queued'
      limit ${limit}
      for update of n skip locked
    ), pending as (
      update notifications n set state = 'pending', updated_at = now() from lost l where n.id = l.id
    ), numbered as (
      select id, channel || '-' || priority as lane,
        (row_number() over (partition by channel, priority order by created_at) - 1) / 100 as slice
      from lost
    ), announced as (
      insert into outbox (kind, lane, ids)
      select 'delivery.resumed', lane, array_agg(id) from numbered group by lane, slice
    )
    select count(*)::int as count, max(created_at) as newest from lost
  `;
  return row;
}

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

/**
 * Announces again what should have run by now: retrying and scheduled rows whose due time passed more than `graceMs`
 * ago (their delayed job was lost with Redis, or never made). Harmless if the job does exist: same job id, and the
 * claim decides.
 *
 * @param except lanes that are held on purpose: overdue notifications there have their job, and would get it again in
 *   every turn.
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
