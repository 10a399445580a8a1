import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ImportResult } from '../api-types.ts';
import { CarillonError } from '../carillon-error.ts';
import { type Command, EXIT, passes } from './command.ts';
import { openClient } from './config.ts';
import { formatOf } from './recipient-rows.ts';
import { SHARED_OPTIONS, SHARED_USAGE } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `carillon recipients import <file> [options]     any number of recipients, from a file or - for stdin

  NDJSON: { "id": "user_1", "email": "ada@example.com", "locale": "en", "attributes": { "plan": "pro" } }
  CSV:    a first line of id, email, phone, locale, time_zone, attributes.<name>, preferences.<category>

  --format ndjson|csv     else by the name of the file; stdin is NDJSON
  --mode upsert|replace   whether what a row does not give stays (upsert) or is removed
  --dry-run               checks and counts, and stores nothing
  --resubscribe           later choices count after an opt-out; needs the scope suppressions:*
  --map "Column=field"    the field of a CSV column with another name, any number of times
  --import-id UUID        goes on with an import whose connection broke
${SHARED_USAGE}`;

export const recipients: Command = {
  summary: 'imports recipients from a file of any length',
  usage: USAGE,
  run: (args, terminal) => {
    const [verb, ...rest] = args;
    if (verb !== 'import')
      throw new UsageError(`there is no "${verb ?? ''}" here, only "recipients import <file>"`);
    return run(rest, terminal);
  },
};

const SHOWN_ERRORS = 20;

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...SHARED_OPTIONS,
      format: { type: 'string' },
      mode: { type: 'string', default: 'upsert' },
      'dry-run': { type: 'boolean', default: false },
      resubscribe: { type: 'boolean', default: false },
      map: { type: 'string', multiple: true, default: [] },
      'import-id': { type: 'string' },
    },
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('give one file, or - for stdin');
  const { mode } = values;
  if (mode !== 'upsert' && mode !== 'replace')
    throw new UsageError(`--mode is "${mode}"; there are upsert and replace`);
  const format = formatOf(file, values.format);
  const map = Object.fromEntries(values.map.map(mapping));
  const size = file === '-' ? null : await sizeOf(file);
  const importId = values['import-id'] ?? randomUUID();
  const progress = progressOf(terminal, size);
  const source = file === '-' ? terminal.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
  try {
    const result = await openClient(terminal, values).recipients.import(progress.through(source), {
      format,
      mode,
      dryRun: values['dry-run'],
      resubscribe: values.resubscribe,
      map,
      importId,
      signal: terminal.signal,
    });
    progress.end();
    return report(result, terminal, values.json);
  } catch (error) {
    progress.end();
    const mayGoOn = terminal.signal.aborted || (error instanceof CarillonError && passes(error));
    if (mayGoOn && file !== '-') {
      terminal.warn('What was read is stored. The same command goes on where this stopped, with');
      terminal.warn(`  --import-id ${importId}`);
    }
    throw error;
  }
}

function mapping(text: string): [column: string, field: string] {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new UsageError(`--map is "${text}"; write it as Column=field`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${error.message}`);
  });
  if (!found.isFile()) throw new UsageError(`${file} is not a file`);
  return found.size;
}

function report(result: ImportResult, terminal: Terminal, asJson: boolean): number {
  const { read, created, updated, unchanged, failed, errors, errors_url: url, dry_run: isDry } = result;
  if (asJson) terminal.json(result);
  else {
    for (const { line, path, message } of errors.slice(0, SHOWN_ERRORS))
      terminal.warn(`line ${line}: ${path === '' ? '' : `${path}: `}${message}`);
    if (failed > 0) terminal.warn(`All errors: ${url}`);
    const how = isDry ? ' (nothing was stored)' : '';
    terminal.say(
      `${read} read: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} refused${how}`,
    );
  }
  return failed > 0 ? EXIT.refused : EXIT.done;
}

const BAR = 30;
const LINE_EVERY = 0.1;

/** A bar where lines can be drawn over, else a line for each tenth of the file. */
function progressOf(terminal: Terminal, size: number | null) {
  let [sent, told] = [0, 0];
  const tell = (): void => {
    if (size === null || size === 0) return;
    const part = Math.min(1, sent / size);
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    if (terminal.draw) {
      const filled = Math.round(part * BAR);
      terminal.draw(`[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${percent} sent`);
    } else if (part - told >= LINE_EVERY) {
      told = part;
      terminal.warn(`${percent.trim()} sent`);
    }
  };
  return {
    async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const piece of source) {
        yield piece;
        sent += piece.length;
        tell();
      }
    },
    end: () => terminal.draw?.(null),
  };
}
