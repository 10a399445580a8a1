import { LANES } from '@carillon/core/lane';
import type { Sql } from 'postgres';
import { parkedInLine } from './order-line.ts';

/**
 * CTEs for what is pending but announced by nobody, for `account` (which counts) and `sweep` (which repairs).
 *
 * Nothing leads from a notification to its outbox row, and a search through all outbox rows for each would be long just
 * when there are many. But a lane leaves the outbox in the order in which it came in: a pending notification that was
 * announced a minute before the oldest row of its lane has none. Parked ones have none either; their line announces
 * them.
 */
export const strandedIn = (sql: Sql, from: Date, to: Date, afterMs: number) => sql`
  outbox_fronts as materialized (
    select lane, least(
      now() - ${afterMs} * interval '1 millisecond',
      (
        select coalesce(o.available_at, o.created_at) - interval '1 minute'
        from outbox o where o.lane = l.lane
        order by coalesce(o.available_at, o.created_at)
        limit 1
      )
    ) as announced_before
    from unnest(${LANES as string[]}::text[]) as l (lane)
  ), stranded as materialized (
    select notifications.id, notifications.channel, notifications.priority
    from notifications
    join outbox_fronts f on f.lane = notifications.channel || '-' || notifications.priority
    where notifications.created_at >= ${from} and notifications.created_at < ${to}
      and notifications.state = 'pending' and not ${parkedInLine(sql)}
      and greatest(notifications.updated_at, notifications.queued_at) < f.announced_before
  )`;
