import type { Environment } from '@carillon/core/notification/environment';
import type { Lane } from '@carillon/core/notification/lane';
import type { DoubtsMeasure } from '../doubts/measure-doubts.ts';
import type { OutboxMeasure } from '../outbox/measure-outbox.ts';
import type { StuckKind } from '../outbox/stuck.ts';
import type { Reader } from '../replica/reader.ts';
import type { Flow } from './count-flows.ts';

/** Jobs of a lane in Redis. */
export interface MeasuredLane {
  lane: Lane;
  waiting: number;
  delayed: number;
  active: number;
  failed: number;
  /** How long the oldest waiting job has waited; 0 if none waits. */
  oldestSeconds: number;
}

/** What the leader of the workers measures, by part. */
export interface MeasuredParts {
  redis: { lanes: readonly MeasuredLane[]; usedBytes: number; maxBytes: number };
  postgres: {
    outbox: readonly OutboxMeasure[];
    doubts: readonly DoubtsMeasure[];
    dead: number;
    eventsPending: number;
  };
  /** The end of a turn of the stuck-notification audit. */
  stuck: { counts: Readonly<Partial<Record<StuckKind, number>>> };
}

export type MeasuredPart = keyof MeasuredParts;

/** Each part as it was measured last, and when; null where it never was. */
export type MeasuredNow = { [Part in MeasuredPart]: (MeasuredParts[Part] & { measuredAt: Date }) | null };

/** @returns also PostgreSQL's time, which `measuredAt` is compared with. */
export async function readMeasuredNow(sql: Reader): Promise<{ now: Date; parts: MeasuredNow }> {
  const rows = await sql<{ now: Date; part: MeasuredPart | null; measuredAt: Date; measured: object }[]>`
    select clock_timestamp() as now, part, measured_at as "measuredAt", measured
    from (select) once left join measured_now on true`;
  const parts: MeasuredNow = { redis: null, postgres: null, stuck: null };
  for (const { part, measuredAt, measured } of rows)
    if (part !== null && part in parts) Object.assign(parts, { [part]: { ...measured, measuredAt } });
  return { now: rows[0]!.now, parts };
}

/** The flows of each minute of [from, to) that is counted. */
export async function readMinutes(
  sql: Reader,
  environment: Environment,
  from: Date,
  to: Date,
): Promise<{ minutes: Date[]; flows: (Flow & { minute: Date })[] }> {
  const rows = await sql<(Omit<Flow, 'series'> & { minute: Date; series: Flow['series'] | 'minute' })[]>`
    select minute, series, environment, label, value::int as count, buckets
    from measured_minutes
    where minute >= ${from} and minute < ${to}
      and (series = 'minute' or environment = ${environment})
    order by minute`;
  const minutes = rows.filter(({ series }) => series === 'minute').map(({ minute }) => minute);
  return { minutes, flows: rows.filter((row): row is typeof row & Flow => row.series !== 'minute') };
}

/** The beginning of the newest minute whose flows are counted. */
export async function newestMinute(sql: Reader): Promise<Date | null> {
  const [row] = await sql<{ minute: Date }[]>`
    select minute from measured_minutes where series = 'minute' order by minute desc limit 1`;
  return row?.minute ?? null;
}

/** One series of a chart. `null` where nothing was measured: nobody looked, which is not 0. */
export interface ChartRow {
  series: string;
  label: string;
  /** Beginnings of the steps, in seconds since 1970. */
  at: number;
  /** The sum of a flow, the highest of a level. */
  value: number;
  buckets: number[] | null;
}

const FLOWS = ['accepted', 'end_to_end', 'attempts', 'minute'];

/**
 * The figures of the last hours in steps: flows of one environment added up, levels at their highest. `minute` counts the
 * minutes of a step that are known.
 */
export async function readChart(
  sql: Reader,
  environment: Environment,
  hours: number,
  stepSeconds: number,
): Promise<{ now: Date; rows: ChartRow[] }> {
  const rows = await sql<ChartRow[]>`
    select series, label,
      (floor(extract(epoch from minute) / ${stepSeconds}::int) * ${stepSeconds}::int)::float8 as at,
      case when series = any (${FLOWS}::text[]) then sum(value) else max(value) end::float8 as value,
      null as buckets
    from measured_minutes
    where minute >= now() - ${hours}::int * interval '1 hour' and environment in ('', ${environment}) and series <> 'calls'
    group by series, label, at`;
  const durations = await sql<ChartRow[]>`
    select series, label, at::float8 as at, sum(count)::float8 as value,
      array_agg(count::int order by bucket) as buckets
    from (
      select series, label, bucket, sum(count) as count,
        floor(extract(epoch from minute) / ${stepSeconds}::int) * ${stepSeconds}::int as at
      from measured_minutes, unnest(buckets) with ordinality as b (count, bucket)
      where minute >= now() - ${hours}::int * interval '1 hour' and environment = ${environment} and series = 'end_to_end'
      group by series, label, at, bucket
    ) each_bucket
    group by series, label, at`;
  const [{ now }] = await sql<[{ now: Date }]>`select now() as now`;
  const known = new Map(durations.map((row) => [`${row.label} ${row.at}`, row.buckets]));
  for (const row of rows)
    if (row.series === 'end_to_end') row.buckets = known.get(`${row.label} ${row.at}`) ?? null;
  return { now, rows };
}
