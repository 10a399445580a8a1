import type { Sql } from 'postgres';
import type { Unaccounted, UnaccountedIn } from './count-unaccounted.ts';

/** Stops counting here: by then it is an alarm, not a figure. */
const MOST = 1000;

/** Counts what is due for longer than `graceMs` and nobody takes, over the whole table: due times are indexed. */
export async function countOverdue(
  sql: Sql,
  { lanes, graceMs }: Pick<UnaccountedIn, 'lanes' | 'graceMs'>,
): Promise<Unaccounted[]> {
  return sql<Unaccounted[]>`
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
