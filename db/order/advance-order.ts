import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import { FINAL_STATES } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import { openInLine, parkedInLine } from './order-line.ts';

/** The notifications of one ordering key, oldest first. */
export interface Line {
  appId: string;
  environment: Environment;
  orderingKey: string;
}

export interface Advanced {
  /** Notifications whose turn has come and which were announced. */
  released: number;
  /** The priorities whose relays have work. */
  priorities: Priority[];
}

/** After every place: a queue without a front is read as a whole. */
const LAST = '9223372036854775807';

/**
 * Advances ordering queues: final notifications at the front leave, and the oldest open one, if it was parked, is
 * announced. Looks at states only, so it may be called for any queue at any time, concurrently and without need.
 *
 * @param lines distinct ones.
 */
export async function advanceOrder(sql: Sql, lines: readonly Line[]): Promise<Advanced> {
  const [row] = await sql<[{ released: number; priorities: Priority[] | null }]>`
    with lines as materialized (
      select * from json_to_recordset(${JSON.stringify(lines)}::text::json) as l (
        "appId" uuid, environment text, "orderingKey" text
      )
      order by 1, 2, 3
    ), fronts as materialized (
      select l.*, head.id, head.seq
      from lines l
      left join lateral (
        select ahead.id, place.seq
        from notification_order place
        join notifications ahead on ahead.id = place.notification_id
        where place.app_id = l."appId" and place.environment = l.environment and place.ordering_key = l."orderingKey"
          and ${openInLine(sql)}
        order by place.seq
        limit 1
      ) head on true
    ), gone as (
      delete from notification_order place
      using fronts f
      where place.app_id = f."appId" and place.environment = f.environment and place.ordering_key = f."orderingKey"
        and place.seq < coalesce(f.seq, ${LAST})
        and not exists (
          select from notifications n
          where n.id = place.notification_id and n.state <> all (${FINAL_STATES as string[]})
        )
    ), free as materialized (
      -- A row that somebody has locked delays its own line alone.
      select notifications.id
      from fronts f join notifications on notifications.id = f.id
      where ${parkedInLine(sql)}
      for no key update of notifications skip locked
    ), released as (
      update notifications
      set queued_at = now(), updated_at = now()
      from free where notifications.id = free.id
      returning notifications.id, notifications.channel, notifications.priority
    ), numbered as (
      select id, channel || '-' || priority as lane,
        (row_number() over (partition by channel, priority order by id) - 1) / 100 as slice
      from released
    ), announced as (
      insert into outbox (kind, lane, ids)
      select 'delivery.resumed', lane, array_agg(id) from numbered group by lane, slice
    )
    select count(*)::int as released, array_agg(distinct priority) as priorities from released
  `;
  return { released: row.released, priorities: row.priorities ?? [] };
}
