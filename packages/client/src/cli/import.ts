import { parseArgs } from 'node:util';
import type { Carillon } from '../carillon.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { digestOf, type ImportReport, openReport } from './import-report.ts';
import { openInput } from './read-input.ts';
import { formatOf, type RecipientRow, readRecipients } from './recipient-rows.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `carillon import <file> [options]     recipients, from a file or - for stdin

  NDJSON: { "recipient_id": "user_1", "email": "ada@example.com", "locale": "en", "attributes": { "plan": "pro" } }
  CSV:    a first line of recipient_id, email, phone, locale, time_zone, attributes.<name>; empty cells change nothing

  --format ndjson|csv   else by the name of the file; stdin is NDJSON
  --concurrency N       requests at a time, of up to 500 rows each (4)
  --report FILE         what became of each row; the same again goes on where it stopped (<file>.report.ndjson)
${SHARED_USAGE}`;

export const importCommand: Command = { summary: 'stores recipients from NDJSON or CSV', usage: USAGE, run };

/** A throttled import waits rather than fails. */
const RETRIES = 10;
const SHOWN_PROBLEMS = 20;
const PROGRESS_EVERY = 10_000;
/** Of one request: half of what the API takes, so that an answer never takes long. */
const ROWS = 500;
const CHARACTERS = 1024 * 1024;

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...SHARED_OPTIONS,
      format: { type: 'string' },
      concurrency: { type: 'string', default: '4' },
      report: { type: 'string' },
    },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('give one file, or - for stdin');
  const format = formatOf(file, values.format);
  const concurrency = wholeOption('--concurrency', values.concurrency, 1, 100);
  const carillon = openClient(terminal, { ...values, retries: RETRIES });
  const input = await openInput(file, terminal);
  const reportFile = values.report ?? (file === '-' ? null : `${file}.report.ndjson`);
  const report = await openReport(reportFile);
  try {
    const counts = await importRows(carillon, readRecipients(input, format), {
      report,
      concurrency,
      terminal,
    });
    if (values.json) terminal.json({ ...counts, report: reportFile });
    else {
      terminal.say(`${counts.stored} stored, ${counts.refused} refused, ${counts.skipped} stored before`);
      if (counts.refused > 0 && reportFile !== null) terminal.say(`The report is ${reportFile}`);
    }
    return counts.refused > 0 ? EXIT.refused : EXIT.done;
  } catch (error) {
    if (reportFile !== null) terminal.warn(`The same command goes on where this stopped (${reportFile}).`);
    throw error;
  } finally {
    report.close();
  }
}

type GoodRow = Extract<RecipientRow, { fields: unknown }>;

interface ImportOptions {
  report: ImportReport;
  concurrency: number;
  terminal: Terminal;
}

interface Counts {
  stored: number;
  refused: number;
  /** By an earlier run with this report. */
  skipped: number;
}

/** @throws failures that affect every row: no answer, a refused key. Rows that are refused individually are counted. */
async function importRows(
  carillon: Carillon,
  rows: AsyncIterable<RecipientRow>,
  { report, concurrency, terminal }: ImportOptions,
): Promise<Counts> {
  const { signal } = terminal;
  const counts: Counts = { stored: 0, refused: 0, skipped: 0 };
  /** Two rows of one person would race, and the later one might lose. */
  const lineOf = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  let failure: unknown = null;

  const refuse = ({ line, recipientId }: RecipientRow, problem: string): void => {
    counts.refused++;
    report.add({ line, recipient_id: recipientId, outcome: 'refused', problem });
    if (counts.refused <= SHOWN_PROBLEMS) {
      terminal.warn(`line ${line}${recipientId === null ? '' : ` (${recipientId})`}: ${problem}`);
    } else if (counts.refused === SHOWN_PROBLEMS + 1) terminal.warn('... and more, see the report');
  };

  const store = async (batch: readonly GoodRow[]): Promise<void> => {
    try {
      const recipients = batch.map(({ recipientId, fields }) => ({ id: recipientId, ...fields }));
      const { results } = await carillon.recipients.putBatch(recipients, { signal });
      for (const [place, row] of batch.entries()) {
        const result = results[place];
        if (result === undefined)
          throw new Error(`the API gave ${results.length} results for ${batch.length} rows`);
        if ('error' in result) refuse(row, `${result.error.code}: ${result.error.detail}`);
        else keep(row);
      }
    } catch (error) {
      failure ??= error;
    }
  };

  const keep = ({ line, recipientId, fields }: GoodRow): void => {
    counts.stored++;
    report.add({ line, recipient_id: recipientId, outcome: 'stored', digest: digestOf(recipientId, fields) });
    if (counts.stored % PROGRESS_EVERY === 0) terminal.warn(`${counts.stored} stored`);
  };

  let batch: GoodRow[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const done: Promise<void> = store(batch).finally(() => underWay.delete(done));
    underWay.add(done);
    [batch, characters] = [[], 0];
    if (underWay.size >= concurrency) await Promise.race(underWay);
  };

  for await (const row of rows) {
    const { line, recipientId } = row;
    const before = recipientId === null ? undefined : lineOf.get(recipientId);
    if (recipientId !== null && before === undefined) lineOf.set(recipientId, line);
    if ('problem' in row) refuse(row, row.problem);
    else if (before !== undefined)
      refuse(row, `line ${before} is about the same recipient; keep one of the two`);
    else if (report.isStored(digestOf(row.recipientId, row.fields))) counts.skipped++;
    else {
      batch.push(row);
      characters += JSON.stringify(row.fields).length;
      if (batch.length === ROWS || characters > CHARACTERS) await flush();
    }
    if (failure !== null || signal.aborted) break;
  }
  if (failure === null && !signal.aborted) await flush();
  await Promise.all(underWay);
  if (failure !== null) throw failure;
  signal.throwIfAborted();
  return counts;
}
