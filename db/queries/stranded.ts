import { LANES } from '@carillon/core/lane';
import type { Sql } from 'postgres';
import { parkedInLine } from './order-line.ts';

/**
 * What is pending but announced by nobody, for `account` (which counts) and `sweep` (which repairs).
 *
 * Nothing leads from a notification to its outbox row, and a search through all outbox rows for each would be long just
 * when there are many. But a lane leaves the outbox in the order in which it came in: a pending notification that was
 * announced a minute before the oldest row of its lane has none. Parked ones have none either; their line announces
 * them.
 */

/** A CTE: until when each lane's pending ones must have left the outbox. */
export const outboxFronts = (sql: Sql, afterMs: number) => sql`
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
  )`;

/** Of `notifications`, with the row of `outbox_fronts` of its lane beside it. */
export const isStranded = (sql: Sql) => sql`(
  notifications.state = 'pending'
  and greatest(notifications.updated_at, notifications.queued_at) < outbox_fronts.announced_before
  and not ${parkedInLine(sql)}
)`;
