import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** How many messages of the app are looked at: a bounded part of an index. */
const LOOKED_AT = 1_000;

export interface RecentUse {
  /** Messages with this template among the last ones of the app. */
  messages: number;
  /** Of those, how many had each of the asked variables in their data. */
  having: Record<string, number>;
  /** Their categories that people may unsubscribe from. */
  categories: string[];
}

/**
 * How a template was used last, by looking at the newest messages of the app.
 *
 * @param variables names at the top of `data`.
 */
export async function recentUse(
  sql: Sql,
  { appId, environment }: Tenant,
  key: string,
  variables: readonly string[],
): Promise<RecentUse> {
  const [row] = await sql<[RecentUse]>`
    with last as (
      select template_id, environment, category, data from notifications
      where app_id = ${appId} order by created_at desc, id desc limit ${LOOKED_AT}
    ), used as (
      select l.category, l.data from last l
      join templates t on t.id = l.template_id
      where t.app_id = ${appId} and t.environment = ${environment} and t.key = ${key} and l.environment = ${environment}
    )
    select (select count(*)::int from used) as messages, (
        select coalesce(jsonb_object_agg(v.name, (select count(*) from used u where u.data ? v.name)), '{}')
        from unnest(${variables as string[]}::text[]) as v (name)
      ) as having, (
        select coalesce(jsonb_agg(distinct c.name), '[]')
        from used u join categories c
          on c.app_id = ${appId} and c.environment = ${environment} and lower(c.name) = lower(u.category)
        where c.unsubscribable
      ) as categories`;
  return row;
}
