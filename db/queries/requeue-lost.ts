import type { Lane } from '@carillon/core/lane';
import type { Sql, TransactionSql } from 'postgres';

export interface LostWindow {
  /** Rows created in [from, to). */
  from: Date;
  to: Date;
  /** Only rows queued before this moment: later ones have a job. */
  queuedBefore: Date;
  /** Only these lanes. */
  lanes: readonly Lane[];
}

export interface Requeued {
  count: number;
  /** The oldest and the newest row of this window that was still queued; null when there was none. */
  oldest: Date | null;
  newest: Date | null;
}

/**
 * Announces again the queued rows of a window of time whose jobs are gone, at most `limit`, oldest first. Walks the
 * BRIN index on created_at: there is no index on the hot states (docs/decisions.md).
 */
export async function requeueLost(sql: Sql, window: LostWindow, limit: number): Promise<Requeued> {
  const [row] = await sql<Requeued[]>`
    with lost as materialized (
      select id, channel, priority, created_at
      from notifications
      where created_at >= ${window.from} and created_at < ${window.to}
        and state = 'queued' and queued_at < ${window.queuedBefore}
        and channel || '-' || priority = any (${window.lanes as string[]}::text[])
      order by created_at
      limit ${limit}
      for update skip locked
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
    select count(*)::int as count, min(created_at) as oldest, max(created_at) as newest from lost
  `;
  return row ?? { count: 0, oldest: null, newest: null };
}

/** When the oldest notification that is still kept was created; null when there is none. */
export async function oldestNotification(sql: Sql | TransactionSql): Promise<Date | null> {
  const [row] = await sql<{ oldest: Date | null }[]>`select min(created_at) as oldest from notifications`;
  return row?.oldest ?? null;
}
