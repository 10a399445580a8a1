import { LANES, type Lane } from '@carillon/core/lane';
import type { Sql } from 'postgres';
import { parkedInLine } from './order-line.ts';

/**
 * Which notifications ought to have moved on, in SQL, for `account` (which counts) and `sweep` (which repairs). Written
 * once, because the two must agree. To be asked of `notifications` with `itsLaneFront` joined to it.
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

/** Puts the row of `lane_fronts` beside each row of `notifications`. */
export const itsLaneFront = (sql: Sql) => sql`
  join lane_fronts on lane_fronts.channel = notifications.channel and lane_fronts.priority = notifications.priority`;

/**
 * Pending, but announced by nobody. Nothing leads from a notification to its outbox row, and a search through all outbox
 * rows for each would be long just when there are many. But a lane leaves the outbox in the order in which it came in: a
 * pending notification that was announced a minute before the oldest row of its lane has none. Parked ones have none
 * either; their line announces them.
 */
export const isStranded = (sql: Sql) => sql`(
  notifications.state = 'pending'
  and greatest(notifications.updated_at, notifications.queued_at) < lane_fronts.announced_before
  and not ${parkedInLine(sql)}
)`;

/** Stranded, or queued without a job, or `sending` under a lease that is over: for so much longer than it may be. */
export const isNeglected = (sql: Sql, { queuedMs, leaseMs }: { queuedMs: number; leaseMs: number }) => sql`(
  notifications.state in ('queued', 'pending', 'sending')
  and case notifications.state
    when 'queued' then notifications.queued_at < lane_fronts.queued_before - ${queuedMs} * interval '1 millisecond'
    when 'pending' then ${isStranded(sql)}
    else notifications.lease_until < now() - ${leaseMs} * interval '1 millisecond'
  end
)`;
