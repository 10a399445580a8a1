import type { Lane } from '@carillon/core/notification/lane';
import type { Sql } from 'postgres';

export interface Unreleased {
  /** The soonest first. */
  ids: string[];
  /** When the last of them comes due; null when there are none. */
  lastDue: Date | null;
  /** Everything up to here was read. */
  horizon: Date;
}

/**
 * Scheduled notifications that come due between `from` and the horizon and were not released yet.
 *
 * Released ones stay in the same index until they are sent, so every call reads past all of them: with large parts, a
 * million that come due together are read past ten times and not five hundred.
 */
export async function findUnreleased(
  sql: Sql,
  from: Date | null,
  horizonMs: number,
  limit: number,
): Promise<Unreleased> {
  const rows = await sql<{ id: string | null; due: Date | null; horizon: Date }[]>`
    with clock as materialized (select now() + ${horizonMs} * interval '1 millisecond' as horizon), due as (
      select id, next_attempt_at
      from notifications
      where rare_state = 'scheduled' and queued_at is null
        and next_attempt_at >= coalesce(${from}::timestamptz, '-infinity')
        and next_attempt_at <= now() + ${horizonMs} * interval '1 millisecond'
      order by next_attempt_at
      limit ${limit}
    )
    select due.id, due.next_attempt_at as due, clock.horizon
    from clock left join due on true
    order by due.next_attempt_at`;
  const ids = rows.flatMap((row) => (row.id === null ? [] : [row.id]));
  return { ids, lastDue: rows.at(-1)!.due, horizon: rows[0]!.horizon };
}

/**
 * Writes outbox rows for scheduled notifications that come due within the horizon and were not released yet.
 * `queued_at` marks the release, so several promoters and several turns release each once.
 *
 * One that changed since it was accepted may have a job already: after a reschedule, a delayed one; after quiet hours,
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

/**
 * Retrying notifications, and scheduled ones already released, that were announced before a moment: those whose delayed
 * job was lost with Redis. The soonest first.
 *
 * Read in large parts, because those announced anew stay in the same index and are read past each time.
 */
export async function findDelayed(
  sql: Sql,
  lanes: readonly Lane[],
  queuedBefore: Date,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id
    from notifications
    where rare_state in ('retrying', 'scheduled')
      and (queued_at < ${queuedBefore} or (queued_at is null and rare_state = 'retrying'))
      and channel || '-' || priority = any (${lanes as Lane[]}::text[])
    order by next_attempt_at
    limit ${limit}`;
  return rows.map((row) => row.id);
}

/**
 * When the job of a waiting notification comes due, so that those of the same second share one: a million planned for
 * one hour would otherwise be a million jobs. At most a second late, never early. Critical ones, and those that would
 * expire soon after, keep their own moment.
 */
export const dueTogether = (sql: Sql) => sql`
  case
    when priority = 'critical' or expires_at < next_attempt_at + interval '1 minute' then next_attempt_at
    else date_trunc('second', next_attempt_at + interval '999999 microseconds')
  end`;
