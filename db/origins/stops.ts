import type { StopMode } from '@carillon/core/campaign/states';
import type { Priority } from '@carillon/core/notification/priority';
import type { Sql, TransactionSql } from 'postgres';
import { countEnded } from './count-changes.ts';

/**
 * The switch of an origin, in SQL. One list for the whole statement: it is nearly always empty, and is read once.
 *
 * @param notification the name under which the statement has the row of `notifications`.
 */
export const notStopped = (sql: Sql | TransactionSql, notification = sql`notifications`) =>
  sql`(${notification}.origin_id is null or ${notification}.origin_id <> all (array(select origin_id from stops)))`;

/** Why nothing of the origin of a notification is sent; null if it is. */
export const stopOf = (sql: Sql | TransactionSql, notification = sql`c`) =>
  sql`(select s.mode from stops s where s.origin_id = ${notification}.origin_id)`;

/**
 * Stops an origin: from the commit on nothing of it is claimed, and calls of what was claimed before are given up
 * before their first byte (`FACTS_HOLD_MS`). A cancelled origin stays cancelled.
 */
export async function stopOrigin(sql: Sql | TransactionSql, originId: string, mode: StopMode): Promise<void> {
  await sql`
    insert into stops (origin_id, mode) values (${originId}, ${mode})
    on conflict (origin_id) do update set mode = excluded.mode, at = now(), moved_at = null
    where stops.mode <> 'cancelled'`;
}

/** Lets a paused origin go on; `announceParked` follows when this is committed. */
export async function liftStop(sql: Sql | TransactionSql, originId: string): Promise<void> {
  await sql`delete from stops where origin_id = ${originId} and mode = 'paused'`;
}

export async function isCancelled(sql: Sql | TransactionSql, originId: string): Promise<boolean> {
  const rows = await sql`select from stops where origin_id = ${originId} and mode = 'cancelled'`;
  return rows.length > 0;
}

/** Cancelled origins that may have open notifications without a call. */
export async function stopsToMove(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select origin_id as id from stops where mode = 'cancelled' and moved_at is null order by at limit 100`;
  return rows.map(({ id }) => id);
}

/** A place in the notifications of an origin, in the order of creation. */
export interface Place {
  at: Date;
  id: string;
}

/** Notifications of an origin looked at by one statement. */
export const PAGE = 2_000;

/**
 * Cancels the notifications of a cancelled origin that wait, one page of the origin's notifications. Those in hand of a
 * worker, and doubts, are left: the worker gives them back, a doubt waits for evidence.
 *
 * @param after where the page before ended; null begins.
 * @returns the end of this page, null after the last one; and how many are left because another transaction has them.
 */
export async function cancelPage(
  sql: Sql,
  originId: string,
  after: Place | null,
): Promise<{ cancelled: number; busy: number; next: Place | null }> {
  const [row] = await sql<
    [{ cancelled: number; waiting: number; seen: number; at: Date | null; id: string | null }]
  >`
    with page as materialized (
      select id, created_at, state in ('pending', 'queued', 'scheduled', 'retrying') as waits
      from notifications
      where origin_id = ${originId} ${beyond(sql, after)}
      order by created_at, id
      limit ${PAGE}
    ), free as materialized (
      select id from notifications
      where id in (select id from page where waits) and state in ('pending', 'queued', 'scheduled', 'retrying')
      for no key update skip locked
    ), moved as (
      update notifications n
      set state = 'cancelled', next_attempt_at = null, error_code = 'origin_cancelled', updated_at = now()
      from free where n.id = free.id
      returning n.id, n.origin_id, n.origin_variant, n.state
    ), ${countEnded(sql)}, told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, 'cancelled', 'campaigns', 'its campaign was cancelled' from moved
    )
    select (select count(*)::int from moved) as cancelled, (select count(*)::int from page where waits) as waiting,
      (select count(*)::int from page) as seen, last.created_at as at, last.id
    from (select 1) one left join lateral (
      select created_at, id from page order by created_at desc, id desc limit 1
    ) last on true`;
  const { cancelled, waiting, seen, at, id } = row;
  const next = seen === PAGE && at !== null && id !== null ? { at, id } : null;
  return { cancelled, busy: waiting - cancelled, next };
}

/** Everything of a cancelled origin that waited was cancelled. */
export async function markMoved(sql: Sql, originId: string): Promise<void> {
  await sql`update stops set moved_at = now() where origin_id = ${originId}`;
}

/**
 * Announces the parked notifications of an origin whose stop was lifted, one page. Harmless if one has a job: the claim
 * decides. What is missed here (a crash), the sweep finds.
 *
 * @returns the priorities whose relays have work, and the end of the page; null after the last one.
 */
export async function announceParked(
  sql: Sql,
  originId: string,
  after: Place | null,
): Promise<{ announced: number; priorities: Priority[]; next: Place | null }> {
  const [row] = await sql<
    [{ announced: number; priorities: Priority[] | null; seen: number; at: Date | null; id: string | null }]
  >`
    with page as materialized (
      select id, created_at, state = 'pending' and queued_at is null and updated_at <> created_at as parked
      from notifications
      where origin_id = ${originId} ${beyond(sql, after)}
      order by created_at, id
      limit ${PAGE}
    ), free as materialized (
      select id, channel, priority from notifications
      where id in (select id from page where parked) and state = 'pending' and queued_at is null
        and ${notStopped(sql)}
      for no key update skip locked
    ), marked as (
      update notifications n set queued_at = now(), updated_at = now() from free where n.id = free.id
    ), numbered as (
      select id, channel || '-' || priority as lane,
        (row_number() over (partition by channel, priority order by id) - 1) / 100 as slice
      from free
    ), announced as (
      insert into outbox (kind, lane, ids)
      select 'delivery.resumed', lane, array_agg(id) from numbered group by lane, slice
    )
    select (select count(*)::int from free) as announced, (select array_agg(distinct priority) from free) as priorities,
      (select count(*)::int from page) as seen, last.created_at as at, last.id
    from (select 1) one left join lateral (
      select created_at, id from page order by created_at desc, id desc limit 1
    ) last on true`;
  const { announced, priorities, seen, at, id } = row;
  const next = seen === PAGE && at !== null && id !== null ? { at, id } : null;
  return { announced, priorities: priorities ?? [], next };
}

const beyond = (sql: Sql, after: Place | null) =>
  after === null ? sql`` : sql`and (created_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
