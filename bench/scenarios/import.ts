import { createReadStream, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type RecipientFormat, uploadRecipients, writeRecipients } from '../load/recipient-file.ts';
import { runLoad, startLoad } from '../load/run-load.ts';
import { startCpuMeter } from '../measure/cpu.ts';
import type { CarillonSystem } from '../system.ts';
import { loadJob, NORMAL_MAIL, type Run } from './run.ts';

const TURNS = 3;
const PER_SECOND = 50;
const WARM_UP = { kind: 'closed', count: 2_000, batch: 1, connections: 8 } as const;
const TIMEOUT_MS = 600_000;

/**
 * Imports of recipients over HTTP, new ones and the same file again, beside COPY and upserts written by hand into the
 * same tables; the memory of the API process; and accepts with and without an import beside them.
 */
export async function imports(
  run: Run,
  carillon: CarillonSystem,
  { rows, seconds }: { rows: number; seconds: number },
): Promise<void> {
  await carillon.stopWorkers();
  const file = path.join(run.ground.layout.dir, 'recipients');
  try {
    await carillon.restartApi();
    await runLoad(loadJob(carillon, NORMAL_MAIL, WARM_UP), TIMEOUT_MS);
    const before = memoryOf(carillon.pids().api!, 'VmRSS');
    for (let turn = 0; turn < TURNS; turn++) {
      for (const format of ['csv', 'ndjson'] as const) {
        const prefix = `${format}${turn}-`;
        await writeRecipients(file, { format, prefix, count: rows });
        await byApi(run, carillon, { file, format, name: 'new', rows });
        await byApi(run, carillon, { file, format, name: 'again', rows });
      }
      await writeRecipients(file, { format: 'csv', prefix: `hand${turn}-`, count: rows });
      await byHand(run, carillon, { file, name: 'new', rows });
      await byHand(run, carillon, { file, name: 'again', rows });
    }
    const peak = memoryOf(carillon.pids().api!, 'VmHWM');
    if (before !== null && peak !== null) {
      run.figures.add('import memory before', 'carillon', before / 1e6);
      run.figures.add('import memory', 'carillon', peak / 1e6);
    }
    for (let turn = 0; turn < TURNS; turn++) await accepts(run, carillon, file, { rows, seconds, turn });
  } finally {
    rmSync(file, { force: true });
    await removePeople(carillon);
    await carillon.clear();
    await carillon.startWorkers();
  }
}

interface Import {
  file: string;
  format: RecipientFormat;
  /** The file has not been imported before, or it has. */
  name: 'new' | 'again';
  rows: number;
}

async function byApi(
  run: Run,
  carillon: CarillonSystem,
  { file, format, name, rows }: Import,
): Promise<void> {
  await run.ground.checkpoint();
  const used = startCpuMeter({ api: carillon.pids().api!, postgres: run.ground.pids.postgres });
  const startedAt = performance.now();
  const counts = await uploadRecipients(carillon.target, file, format);
  const seconds = (performance.now() - startedAt) / 1000;
  if ((name === 'new' ? counts.created : counts.unchanged) !== rows)
    throw new Error(`an import of ${rows} rows ended as ${JSON.stringify(counts)}`);
  report(run, 'carillon', `import ${format} ${name}`, rows, seconds, used());
}

/** What it costs at least: the same rows in the same tables, by COPY and two statements, without any check. */
async function byHand(
  run: Run,
  carillon: CarillonSystem,
  { file, name, rows }: Omit<Import, 'format'>,
): Promise<void> {
  await run.ground.checkpoint();
  const used = startCpuMeter({ api: carillon.pids().api!, postgres: run.ground.pids.postgres });
  const startedAt = performance.now();
  await carillon.sql.begin(async (tx) => {
    await tx`
      create temp table staging (
        id text, email text, phone text, locale text, time_zone text, plan text, city text, first_name text, orders text
      ) on commit drop`;
    await pipeline(
      createReadStream(file),
      await tx`copy staging from stdin with (format csv, header)`.writable(),
    );
    await tx`analyze staging`;
    await tx`
      insert into recipients (app_id, environment, id, locale, time_zone, attributes)
      select a.id, 'live', s.id, s.locale, s.time_zone,
        jsonb_build_object('plan', plan, 'city', city, 'first_name', first_name, 'orders', orders)
      from staging s, (select id from apps order by created_at limit 1) a
      order by s.id
      on conflict (app_id, environment, id) do update
      set locale = excluded.locale, time_zone = excluded.time_zone, attributes = excluded.attributes, updated_at = now()
      where (recipients.locale, recipients.time_zone, recipients.attributes)
        is distinct from (excluded.locale, excluded.time_zone, excluded.attributes)`;
    await tx`
      insert into contact_points (app_id, environment, recipient_id, kind, address)
      select a.id, 'live', s.id, p.kind, p.address
      from staging s, (select id from apps order by created_at limit 1) a,
        lateral (values ('email', s.email), ('phone', s.phone)) p (kind, address)
      where p.address is not null
      on conflict (app_id, environment, recipient_id, kind, address) do nothing`;
  });
  const seconds = (performance.now() - startedAt) / 1000;
  for (const format of ['csv', 'ndjson'])
    report(run, 'control', `import ${format} ${name}`, rows, seconds, used());
}

function report(
  { figures, say }: Run,
  who: 'carillon' | 'control',
  name: string,
  rows: number,
  seconds: number,
  cpu: Record<string, number> | null,
): void {
  figures.add(name, who, rows / seconds);
  const each = Object.entries(cpu ?? {}).map(([process, us]) => [process, us / rows] as const);
  for (const [process, us] of each) figures.add(`${name} us ${process}`, who, us);
  const shown = each.map(([process, us]) => `${process} ${us.toFixed(0)} us`).join(', ');
  say(
    `${who}: ${name} ${Math.round(rows / seconds)} rows/s (a row: ${shown}), load average ${loadavg()[0]!.toFixed(1)}`,
  );
}

/** The resident set of a process, now or at its highest, in bytes. */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)![1];
    return Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** Single POSTs at fixed times, without an import and while one runs; every second turn the other way round. */
async function accepts(
  run: Run,
  carillon: CarillonSystem,
  file: string,
  { rows, seconds, turn }: { rows: number; seconds: number; turn: number },
): Promise<void> {
  const { figures, say, ground } = run;
  await writeRecipients(file, { format: 'csv', prefix: `beside${turn}-`, count: rows });
  const measure = async (isBeside: boolean): Promise<number> => {
    await carillon.clear();
    await ground.checkpoint();
    const job = loadJob(carillon, NORMAL_MAIL, { kind: 'steady', perSecond: PER_SECOND });
    const importing = isBeside ? uploadRecipients(carillon.target, file, 'csv') : null;
    const load = startLoad(job, TIMEOUT_MS);
    await (importing ?? pause(seconds * 1000));
    load.stop();
    const { latency, refused, sent } = await load.result;
    figures.judge('import accepts', { lost: refused, doubled: 0 });
    say(
      `carillon: accepts p99 ${latency.p99.toFixed(1)} ms of ${sent.length} ${isBeside ? 'beside an import' : 'alone'}`,
    );
    return latency.p99;
  };
  const first = await measure(turn % 2 === 1);
  const second = await measure(turn % 2 === 0);
  const [alone, beside] = turn % 2 === 0 ? [first, second] : [second, first];
  figures.add('import accepts alone p99', 'carillon', alone);
  figures.add('import accepts p99', 'carillon', beside);
  figures.add('import accepts ratio', 'carillon', beside / alone);
}

/** Later scenarios begin with the tables as they were. */
async function removePeople({ sql }: CarillonSystem): Promise<void> {
  await sql`delete from recipients where id ~ '^(csv|ndjson|hand|beside)[0-9]+-'`;
  await sql.unsafe('vacuum analyze recipients, contact_points');
}
