import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';

export interface AttributeRow {
  /** The names of the path, from the outermost. */
  path: string[];
  /** By type of JSON, how many of the looked-at recipients have it so. */
  types: Record<string, number>;
  /** Some short texts, numbers and booleans that occur, the most frequent first. */
  values: (string | number | boolean)[];
}

const LOOKED_AT = 1_000;
const MAX_ATTRIBUTES = 200;
const VALUES = 20;

/** Which attributes recipients have, by a bounded number of them: names, also within objects, types and values. */
export async function readAttributes(sql: Reader, { appId, environment }: Tenant): Promise<AttributeRow[]> {
  return sql<AttributeRow[]>`
    with recursive looked_at as (
      select attributes from recipients where app_id = ${appId} and environment = ${environment} limit ${LOOKED_AT}
    ), members as (
      select array[e.key] as path, e.value from looked_at, jsonb_each(attributes) e
      union all
      select m.path || e.key, e.value
      from members m cross join lateral jsonb_each(case when jsonb_typeof(m.value) = 'object' then m.value else '{}' end) e
      where cardinality(m.path) < 4
    ), types as (
      select path, jsonb_typeof(value) as type, count(*)::int as n from members
      where jsonb_typeof(value) not in ('object', 'null') group by path, jsonb_typeof(value)
    ), found as (
      select path, value, row_number() over (partition by path order by count(*) desc, value) as place
      from members where jsonb_typeof(value) in ('string', 'number', 'boolean') and length(value::text) <= 66
      group by path, value
    )
    select path, jsonb_object_agg(type, n) as types, coalesce((
        select jsonb_agg(f.value order by f.place) from found f where f.path = types.path and f.place <= ${VALUES}
      ), '[]') as values
    from types group by path
    order by sum(n) desc, path
    limit ${MAX_ATTRIBUTES}`;
}
