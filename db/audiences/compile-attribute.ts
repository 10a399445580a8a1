import type { Condition, FilterOp } from '@carillon/core/audience/filter';
import { DATE_TEXT, TIME_TEXT, ZONED_TEXT } from '@carillon/core/audience/time-text';
import type { Reader } from '../replica/reader.ts';
import { compileTime, type Fragment } from './compile-time.ts';

/**
 * A condition on an attribute of `r`. Attributes hold whatever JSON an app gave: `->` with a name leads through objects
 * only and gives null for everything else, comparisons are of jsonb, and a text is cast to a time only if it has the
 * form of one. So nothing here can fail.
 */
export function compileAttribute(
  sql: Reader,
  path: readonly string[],
  op: FilterOp,
  value: Condition['value'],
  now: Date | undefined,
): Fragment {
  const own = path.reduce((at, name) => sql`${at} -> ${name}::text`, sql`r.attributes`);
  const json = (each: unknown) => sql`${JSON.stringify(each)}::text::jsonb`;
  const text = sql`((${own}) #>> '{}')`;
  const isA = (type: string) => sql`jsonb_typeof(${own}) = ${type}`;
  switch (op) {
    case 'exists':
      return sql`(${own} <> 'null'::jsonb is true)`;
    case 'in': {
      const values = (value as unknown[]).map((each) => JSON.stringify(each));
      return sql`((${own}) = any (${values}::text[]::jsonb[]) is true)`;
    }
    case 'contains': {
      const element = sql`${isA('array')} and (${own}) @> ${json(value)}`;
      return typeof value === 'string'
        ? sql`((${element} or ${isA('string')} and strpos(${text}, ${value}) > 0) is true)`
        : sql`((${element}) is true)`;
    }
    case 'starts_with':
      return sql`((${isA('string')} and starts_with(${text}, ${value as string})) is true)`;
    case 'before':
    case 'after':
    case 'within_days': {
      const time = sql`(${text} || case
        when ${text} ~ ${DATE_TEXT} then 'T00:00Z' when ${text} ~ ${ZONED_TEXT} then '' else 'Z'
      end)::timestamptz`;
      return sql`(case when ${isA('string')} and ${text} ~ ${TIME_TEXT}
        then ${compileTime(sql, time, op, value as string | number, now)} else false end)`;
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const by = { lt: sql`<`, lte: sql`<=`, gt: sql`>`, gte: sql`>=` }[op];
      return sql`((${isA('number')} and (${own}) ${by} ${json(value)}) is true)`;
    }
    default:
      return sql`((${own}) = ${json(value)} is true)`;
  }
}
