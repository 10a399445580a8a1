import type { Lane } from '@carillon/core/lane';
import type { Sql } from 'postgres';

export interface LostWindow {
  /** Rows created in [from, to). */
  from: Date;
  to: Date;
  /** Only these lanes, and of each only rows queued before its moment: later ones have a job. */
  lanes: readonly { lane: Lane; queuedBefore: Date }[];
}

/**
 * Announces the queued rows of a window of time whose jobs are gone again. Walks the BRIN index on created_at: there is
 * no index on the hot states (docs/decisions.md).
 *
 * @param batch rows per statement.
 * @param onBatch told after each, with how many it was.
 * @returns how many in all.
 */
export async function requeueLost(
  sql: Sql,
  window: LostWindow,
  batch: number,
  onBatch: (count: number) => void = () => {},
): Promise<number> {
  // A statement stops as soon as it has its rows, and rows lie nearly in the order of their creation: the next one
  // begins where it stopped and need not read past what was taken. What lies out of order is met by a look from the
  // beginning, until such a look finds no more than it takes.
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
