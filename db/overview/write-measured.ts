import type { Sql } from 'postgres';
import type { Flow } from './count-flows.ts';
import type { MeasuredPart, MeasuredParts } from './read-measured.ts';

/** Keeps what was measured, with PostgreSQL's time. */
export async function storeMeasured<Part extends MeasuredPart>(
  sql: Sql,
  part: Part,
  measured: MeasuredParts[Part],
): Promise<void> {
  await sql`
    insert into measured_now (part, measured) values (${part}, ${JSON.stringify(measured)}::text::jsonb)
    on conflict (part) do update set measured = excluded.measured, measured_at = now()`;
}

/** Its rows are all visible so long after the end of a minute: no transaction that writes them may take longer. */
const SETTLED_SECONDS = 15;
/** Minutes before this are not counted any more. */
const COUNTED_HOURS = 24;

/** Minutes of the last day that are over and not counted, the newest first. */
export async function uncountedMinutes(sql: Sql, limit: number): Promise<Date[]> {
  const rows = await sql<{ minute: Date }[]>`
    select minute
    from generate_series(
      date_trunc('minute', now() - ${SETTLED_SECONDS} * interval '1 second') - interval '1 minute',
      date_trunc('minute', now()) - ${COUNTED_HOURS} * interval '1 hour',
      interval '-1 minute'
    ) as minute
    where not exists (select from measured_minutes m where m.minute = minute.minute and m.series = 'minute')
    limit ${limit}`;
  return rows.map(({ minute }) => minute);
}

/**
 * Stores the flows of a minute, and that it is counted, in one statement. Two processes that count the same minute store
 * the same.
 */
export async function storeMinute(sql: Sql, minute: Date, flows: readonly Flow[]): Promise<void> {
  const marker = { series: 'minute', environment: '', label: '', count: 1, buckets: null };
  await sql`
    insert into measured_minutes (minute, series, environment, label, value, buckets)
    select ${minute}, series, environment, label, count, buckets
    from json_to_recordset(${JSON.stringify([...flows, marker])}::text::json) as f (
      series text, environment text, label text, count bigint, buckets int[]
    )
    on conflict (minute, series, environment, label) do update set value = excluded.value, buckets = excluded.buckets`;
}

/** A level at this moment: the depth of a lane, the memory of Redis. */
export interface Level {
  series: string;
  label: string;
  value: number;
}

/** Keeps the highest of each level in the present minute. */
export async function storeLevels(sql: Sql, levels: readonly Level[]): Promise<void> {
  await sql`
    insert into measured_minutes as m (minute, series, label, value)
    select date_trunc('minute', now()), series, label, value
    from json_to_recordset(${JSON.stringify(levels)}::text::json) as l (series text, label text, value bigint)
    on conflict (minute, series, environment, label) do update set value = excluded.value
    where m.value < excluded.value`;
}

/** Removes minutes that began before this time. @returns how many rows. */
export async function pruneMinutes(sql: Sql, before: Date): Promise<number> {
  const gone = await sql`delete from measured_minutes where minute < ${before}`;
  return gone.count;
}
