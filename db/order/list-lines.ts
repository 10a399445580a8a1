import type { Sql } from 'postgres';
import type { Line } from './advance-order.ts';

/**
 * The ordering keys that have a queue, in the order of the index: one descent of it per key, however long the queues
 * are.
 *
 * @param after the last one of the previous call; null starts over.
 * @returns at most `limit`; fewer means these were the last.
 */
export async function listLines(sql: Sql, after: Line | null, limit: number): Promise<Line[]> {
  const start = after ?? { appId: '00000000-0000-0000-0000-000000000000', environment: '', orderingKey: '' };
  return sql<Line[]>`
    with recursive lines as (
      (
        select app_id, environment, ordering_key from notification_order
        where (app_id, environment, ordering_key) > (${start.appId}::uuid, ${start.environment}, ${start.orderingKey})
        order by app_id, environment, ordering_key
        limit 1
      )
      union all
      select following.*
      from lines l
      cross join lateral (
        select o.app_id, o.environment, o.ordering_key from notification_order o
        where (o.app_id, o.environment, o.ordering_key) > (l.app_id, l.environment, l.ordering_key)
        order by o.app_id, o.environment, o.ordering_key
        limit 1
      ) following
    )
    select app_id as "appId", environment, ordering_key as "orderingKey" from lines limit ${limit}
  `;
}
