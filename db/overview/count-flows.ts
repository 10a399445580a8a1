import type { Environment } from '@carillon/core/notification/environment';
import { BUCKET_GROWTH, bucketsFrom, LAST_BUCKET } from '@carillon/core/overview/durations';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { Reader } from '../replica/reader.ts';

/**
 * What was counted of a period:
 *
 * - `accepted`: notifications that were created, by priority;
 * - `end_to_end`: notifications that a provider accepted, by priority, with the time since they were due (their acceptance
 *   or `send_at`);
 * - `attempts`: provider calls that ended, by account and outcome (`resend/accepted`);
 * - `calls`: provider calls with a known duration, by account.
 */
export const FLOW_SERIES = ['accepted', 'end_to_end', 'attempts', 'calls'] as const;
export type FlowSeries = (typeof FLOW_SERIES)[number];

export interface Flow {
  series: FlowSeries;
  environment: Environment;
  label: string;
  count: number;
  /** Of durations in milliseconds (core/overview/durations). */
  buckets: number[] | null;
}

/** The label of `attempts`; an outcome has no slash. */
export const attemptsLabel = (account: string, outcome: OutcomeClass): string => `${account}/${outcome}`;

interface CountedRow {
  series: FlowSeries;
  environment: Environment;
  label: string;
  bucket: number | null;
  count: number;
}

/** As `bucketOf` of core/overview/durations. */
const bucket = (sql: Reader, ms: ReturnType<Reader>) => sql`
  case when ${ms} > 1 then least(${LAST_BUCKET}, ceil(ln(${ms}) / ln(${BUCKET_GROWTH}::float8)))::int else 0 end`;

/**
 * Counts from the rows themselves what was accepted and what calls ended in [from, to). Rows that a transaction has not
 * committed yet are not seen: 15 s later none is left. Reads the index of the lists for each app, and of attempts the
 * blocks whose calls ended then; each attempt leads to its notification by its id, never to a whole table.
 */
export async function countFlows(sql: Reader, from: Date, to: Date): Promise<Flow[]> {
  const rows = await sql<CountedRow[]>`
    with accepted as (
      select n.environment, n.priority, count(*)::int as count
      from apps
      cross join lateral (
        select environment, priority from notifications
        where app_id = apps.id and created_at >= ${from} and created_at < ${to}
        offset 0
      ) n
      group by n.environment, n.priority
    ), ended as materialized (
      select d.provider, d.outcome, d.latency_ms::float8 as call_ms, n.environment, n.priority,
        (extract(epoch from d.finished_at - greatest(n.created_at, n.send_at)) * 1000)::float8 as total_ms
      from delivery_attempts d
      cross join lateral (
        select environment, priority, created_at, send_at from notifications where id = d.notification_id offset 0
      ) n
      where d.finished_at >= ${from} and d.finished_at < ${to}
    )
    select 'accepted' as series, environment, priority as label, null::int as bucket, count from accepted
    union all
    select 'end_to_end', environment, priority, ${bucket(sql, sql`total_ms`)} as b, count(*)::int
    from ended where outcome = 'accepted' group by environment, priority, b
    union all
    select 'attempts', environment, provider || '/' || outcome, null, count(*)::int
    from ended group by environment, provider, outcome
    union all
    select 'calls', environment, provider, ${bucket(sql, sql`call_ms`)} as b, count(*)::int
    from ended where call_ms is not null group by environment, provider, b`;
  return folded(rows);
}

function folded(rows: readonly CountedRow[]): Flow[] {
  const flows = new Map<string, CountedRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.series, row.environment, row.label]);
    const known = flows.get(key);
    if (known) known.push(row);
    else flows.set(key, [row]);
  }
  return [...flows.values()].map((same) => {
    const { series, environment, label } = same[0]!;
    const counted = same.flatMap(({ bucket: at, count }) => (at === null ? [] : [{ bucket: at, count }]));
    return {
      series,
      environment,
      label,
      count: same.reduce((sum, { count }) => sum + count, 0),
      buckets: counted.length === 0 ? null : bucketsFrom(counted),
    };
  });
}
