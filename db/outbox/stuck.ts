import { LANES, type Lane } from '@carillon/core/notification/lane';
import type { Sql } from 'postgres';
import { parkedInLine } from '../order/order-line.ts';
import { notStopped } from '../origins/stops.ts';
import type { LostWindow } from './requeue.ts';

/**
 * The predicate for stuck notifications, in SQL, for the stuck-notification audit (which counts) and `sweep` (which
 * repairs). Written once, because the two must agree. Applies to `notifications` with `itsLaneFront` joined to it.
 */

/**
 * A CTE with a row per lane, to join by channel and priority (a lane's name made for each notification would cost more
 * than reading it): when its pending ones were announced at the latest, if they are in the outbox, and when its queued
 * ones were queued at the latest, if they have lost their job.
 */
export const laneFrontsOf = (
  sql: Sql,
  afterMs: number,
  lanes: readonly { lane: Lane; queuedBefore: Date }[] = [],
) => sql`
  lane_fronts as materialized (
    select split_part(l.lane, '-', 1) as channel, split_part(l.lane, '-', 2) as priority,
      f."queuedBefore" as queued_before,
      least(
        now() - ${afterMs} * interval '1 millisecond',
        (
          select coalesce(o.available_at, o.created_at) - interval '1 minute'
          from outbox o where o.lane = l.lane
          order by coalesce(o.available_at, o.created_at)
          limit 1
        )
      ) as announced_before
    from unnest(${LANES as string[]}::text[]) as l (lane)
    left join json_to_recordset(${JSON.stringify(lanes)}::text::json) as f (lane text, "queuedBefore" timestamptz)
      on f.lane = l.lane
  )`;

/** Joins the row of `lane_fronts` to each row of `notifications`. */
export const itsLaneFront = (sql: Sql) => sql`
  join lane_fronts on lane_fronts.channel = notifications.channel and lane_fronts.priority = notifications.priority`;

/**
 * Pending, but without an outbox row. Nothing leads from a notification to its outbox row, and a search through all
 * outbox rows for each would be long just when there are many. But a lane leaves the outbox in the order in which it
 * came in: a pending notification that was announced a minute before the oldest row of its lane has none. Parked ones
 * have none either; their ordering queue announces them. Nor have those of a stopped origin: they are announced when the
 * stop is lifted.
 */
export const isStuckPending = (sql: Sql) => sql`(
  notifications.state = 'pending'
  and greatest(notifications.updated_at, notifications.queued_at) < lane_fronts.announced_before
  and not ${parkedInLine(sql)} and ${notStopped(sql)}
)`;

/** Stuck as pending, queued without a job, or `sending` under an expired lease: for this much longer than allowed. */
export const isStuck = (sql: Sql, { queuedMs, leaseMs }: { queuedMs: number; leaseMs: number }) => sql`(
  notifications.state in ('queued', 'pending', 'sending')
  and case notifications.state
    when 'queued' then notifications.queued_at < lane_fronts.queued_before - ${queuedMs} * interval '1 millisecond'
    when 'pending' then ${isStuckPending(sql)}
    else notifications.lease_until < now() - ${leaseMs} * interval '1 millisecond'
  end
)`;

export interface StuckSearch extends LostWindow {
  stuckPendingAfterMs: number;
  stuckSendingAfterMs: number;
}

/** What needs repair in a window of creation time. */
export interface StuckFound {
  /** For `requeueLost`. */
  lost: boolean;
  /** For `requeueStuckPending`. */
  stuckPending: boolean;
  /** For `doubtStuckSending`. */
  stuckSending: boolean;
}

/**
 * Whether a window needs any of the sweep's repairs. Nearly none does, and each repair reads its whole window: this
 * reads it once for all three.
 */
export async function findStuck(
  sql: Sql,
  { from, to, lanes, stuckPendingAfterMs, stuckSendingAfterMs }: StuckSearch,
): Promise<StuckFound> {
  const [row] = await sql<[StuckFound]>`
    with ${laneFrontsOf(sql, stuckPendingAfterMs, lanes)}, stuck as (
      select notifications.state
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to}
        and ${isStuck(sql, { queuedMs: 0, leaseMs: stuckSendingAfterMs })}
    )
    select
      coalesce(bool_or(state = 'queued'), false) as lost,
      coalesce(bool_or(state = 'pending'), false) as "stuckPending",
      coalesce(bool_or(state = 'sending'), false) as "stuckSending"
    from stuck`;
  return row;
}

/** Stuck notifications: those that no process will move although one should. All of these must be 0. */
export const STUCK_KINDS = [
  /** Announced by no outbox row and parked behind no ordering key. */
  'pending',
  /** Its lane is empty, or already hands out notifications queued well after it. */
  'queued',
  /** Its lease has expired, and it was not turned into a doubt. */
  'sending',
  /** Sent or delivered without an attempt that was accepted, or may have been. */
  'unattempted',
  /** Scheduled or retrying, long due, in a lane that has passed that time. */
  'overdue',
  /** In doubt, and the resolver does not look although its look is due. */
  'in_doubt',
] as const;
export type StuckKind = (typeof STUCK_KINDS)[number];

export interface Stuck {
  kind: StuckKind;
  count: number;
  /** A few examples. */
  examples: string[];
}

export interface StuckWindow {
  /** Created in [from, to). */
  from: Date;
  to: Date;
  /** Of each lane, notifications queued before its moment can have no job any more. */
  lanes: readonly { lane: Lane; queuedBefore: Date }[];
  /** How long a repair may take before something counts. */
  graceMs: number;
  /** Whether sent notifications are checked against their attempts: a look-up per row. */
  thorough: boolean;
}

/**
 * Counts the stuck ones among the notifications of a window of creation time, read once. Kinds without any are left
 * out.
 */
export async function countStuck(
  sql: Sql,
  { from, to, lanes, graceMs, thorough }: StuckWindow,
): Promise<Stuck[]> {
  return sql<Stuck[]>`
    with ${laneFrontsOf(sql, graceMs, lanes)}, open as (
      select notifications.id, notifications.state as kind
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to}
        and ${isStuck(sql, { queuedMs: graceMs, leaseMs: graceMs })}
    ), unattempted as (
      select n.id, 'unattempted' as kind
      from notifications n
      where ${thorough} and n.created_at >= ${from} and n.created_at < ${to} and n.state in ('sent', 'delivered')
        and not exists (
          select from delivery_attempts a
          where a.notification_id = n.id and (a.outcome is null or a.outcome in ('accepted', 'in_doubt'))
        )
    )
    select kind, count(*)::int as count, (array_agg(id))[1:3] as examples
    from (select * from open union all select * from unattempted) seen
    group by kind`;
}

/** Counting stops here: beyond that it is an alarm, not a figure. */
const MOST = 1000;

/**
 * Counts notifications due for longer than `graceMs` that no worker has taken, over the whole table: due times are
 * indexed.
 */
export async function countOverdue(
  sql: Sql,
  { lanes, graceMs }: Pick<StuckWindow, 'lanes' | 'graceMs'>,
): Promise<Stuck[]> {
  return sql<Stuck[]>`
    with fronts as materialized (
      select * from json_to_recordset(${JSON.stringify(lanes)}::text::json) as f (
        lane text, "queuedBefore" timestamptz
      )
    ), overdue as materialized (
      select n.id, 'overdue' as kind
      from notifications n
      join fronts f on f.lane = n.channel || '-' || n.priority
        and n.next_attempt_at < f."queuedBefore" - ${graceMs} * interval '1 millisecond'
      where n.rare_state in ('scheduled', 'retrying') and n.next_attempt_at < now() - ${graceMs} * interval '1 millisecond'
      limit ${MOST}
    ), unsettled as materialized (
      select id, 'in_doubt' as kind
      from notifications
      where rare_state = 'in_doubt' and next_attempt_at < now() - ${graceMs} * interval '1 millisecond'
      limit ${MOST}
    )
    select kind, count(*)::int as count, (array_agg(id))[1:3] as examples
    from (select * from overdue union all select * from unsettled) seen
    group by kind`;
}

/**
 * Announces pending notifications of a window of creation time that have lost their outbox row: it was deleted by hand,
 * or by a mistake. Harmless if a job does exist: the claim decides.
 *
 * @param afterMs how long it must have been pending.
 */
export async function requeueStuckPending(
  sql: Sql,
  from: Date,
  to: Date,
  afterMs: number,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with ${laneFrontsOf(sql, afterMs)}, stuck as materialized (
      select notifications.id
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to} and ${isStuckPending(sql)}
    ), taken as materialized (
      select n.id, n.channel, n.priority
      from notifications n
      -- Asked of the row itself once more: another node may have announced it since this statement began.
      where n.id in (select id from stuck limit ${limit}) and n.state = 'pending'
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
