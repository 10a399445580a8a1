import { once } from 'node:events';
import { delimiterOf } from '@carillon/core/import/columns';
import type { CsvLayout } from '@carillon/db/schema/imports';
import { type CsvError, type Info, parse } from 'csv-parse';
import { columnsOf, rowValue } from './columns.ts';
import { flawedRow, type ReadRow } from './read-row.ts';
import { FileRefused, type LineFlaw, type Lines, MAX_LINE_BYTES } from './whole-lines.ts';

export interface CsvOptions {
  /** Of an import that goes on; null: the first line names the columns. */
  layout: CsvLayout | null;
  /** Whether the stream is the file from its beginning. */
  isFromStart: boolean;
  map: Readonly<Record<string, string>>;
  /** Receives the layout when the first line is read. */
  onLayout(layout: CsvLayout): void;
  isCut(): boolean;
}

/**
 * Rows of CSV (RFC 4180). Strict about quotes: a stray one would swallow rows without an error. What is lost is
 * reported once, from the line where the broken row begins to the line before the next good row.
 *
 * Line numbers come from the bytes, because the parser counts a CRLF in a quoted cell as two lines.
 */
export async function* csvRows(blocks: AsyncIterable<Lines>, options: CsvOptions): AsyncGenerator<ReadRow[]> {
  const reading = blocks[Symbol.asyncIterator]();
  const first = await reading.next();
  if (first.done) {
    if (options.layout === null && !options.isCut()) throw new FileRefused('invalid_request', EMPTY);
    return;
  }
  const at = lineCounter();
  const losses: number[] = [];
  const parser = parse({
    delimiter: options.layout?.delimiter ?? delimiterOf(firstLineOf(first.value)),
    record_delimiter: isCrFile(first.value) ? ['\r'] : ['\r\n', '\n'],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_LINE_BYTES,
    // `bytes` of an error is one behind the beginning of its row.
    on_skip: (error?: CsvError) => {
      const begin = ((error as { bytes?: number } | undefined)?.bytes ?? 1) - 1;
      if (losses.at(-1) !== begin) losses.push(begin);
    },
  });
  const feeding = feed(parser, at, first.value, reading);
  // Its error is thrown where the rows are read.
  feeding.catch((error: Error) => parser.destroy(error));

  let { layout } = options;
  /** Lines of a repeated first line, which do not count as lines of the file. */
  let shift = 0;
  let rows: ReadRow[] = [];
  let isFirst = true;
  /** Lines at which broken rows begin, of those before this offset. */
  const lostUntil = (offset: number): number[] => {
    const lines: number[] = [];
    while (losses.length > 0 && losses[0]! < offset) lines.push(at.lineOf(losses.shift()!));
    return lines;
  };
  const lossesOf = (lines: readonly number[], nextLine: number): ReadRow[] =>
    lines.flatMap((line, n) => {
      const end = (lines[n + 1] ?? nextLine) - 1;
      at.takeFlaws(end);
      return end < line ? [] : [flawedRow([line - shift, end - shift], 'malformed_line', STRAY_QUOTE)];
    });

  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    const lost = lostUntil(info.bytes);
    const endLine = at.lineOf(info.bytes - 1);
    const line = endLine - breaksIn(record);
    rows.push(...lossesOf(lost, line));
    if (isFirst) {
      isFirst = false;
      if (layout === null) {
        if (at.flawIn(line, endLine))
          throw new FileRefused('invalid_request', `The first line: ${at.flawIn(line, endLine)!.message}`);
        const names = record.map((name) => name.trim());
        layout = {
          delimiter: parser.options.delimiter![0]!.toString(),
          names,
          columns: columnsOf(names, options.map),
        };
        options.onLayout(layout);
        continue;
      }
      if (options.isFromStart || isSame(record, layout.names)) {
        shift = options.isFromStart ? 0 : endLine - at.firstLine + 1;
        continue;
      }
    }
    for (const [number, flaw] of at.takeFlaws(line - 1))
      rows.push(flawedRow([number - shift, number - shift], flaw.kind, flaw.message));
    const [flaw] = at.takeFlaws(endLine);
    const place = [line - shift, endLine - shift] as const;
    if (flaw) rows.push(flawedRow(place, flaw[1].kind, flaw[1].message));
    else if (record.length !== layout!.columns.length) {
      const message = `the row has ${record.length} cells, the first line has ${layout!.columns.length}. Look for a missing or an additional separator, or for a cell that needs quotes`;
      rows.push(flawedRow(place, 'wrong_cells', message));
    } else rows.push({ line: place[0], endLine: place[1], value: rowValue(layout!.columns, record) });
    if (rows.length >= ROWS_AT_A_TIME) {
      yield rows;
      rows = [];
    }
  }
  await feeding;
  if (!options.isCut()) {
    if (layout === null)
      throw new FileRefused('invalid_request', losses.length > 0 ? `The first line: ${STRAY_QUOTE}` : EMPTY);
    rows.push(...lossesOf(lostUntil(Number.POSITIVE_INFINITY), at.lastLine() + 1));
    for (const [number, flaw] of at.takeFlaws(at.lastLine()))
      rows.push(flawedRow([number - shift, number - shift], flaw.kind, flaw.message));
  }
  yield rows;
}

const ROWS_AT_A_TIME = 500;
const EMPTY =
  'The file is empty: it has not even a first line that names the columns. Send "id,email,..." and the rows.';
const STRAY_QUOTE =
  'a quote is not closed, or stands where none may. Write a cell with quotes, separators or line breaks in quotes, and a quote inside it twice; nothing of this was stored';

async function feed(
  parser: ReturnType<typeof parse>,
  at: ReturnType<typeof lineCounter>,
  first: Lines,
  rest: AsyncIterator<Lines>,
): Promise<void> {
  for (let block: Lines | undefined = first; block !== undefined; ) {
    at.add(block);
    if (!parser.write(block.bytes)) await drained(parser);
    if (parser.destroyed) return;
    const next = await rest.next();
    block = next.done ? undefined : next.value;
  }
  parser.end();
}

/** Until it takes more, or never will; leaves no listeners behind. */
async function drained(parser: ReturnType<typeof parse>): Promise<void> {
  const over = new AbortController();
  const either = ['drain', 'close'].map((event) => once(parser, event, { signal: over.signal }));
  await Promise.race(either).finally(() => {
    over.abort();
    return Promise.allSettled(either);
  });
}

/** Turns offsets of the stream into line numbers, for offsets that only grow, and keeps flaws until they are reported. */
function lineCounter() {
  let ends: number[] = [];
  let taken = 0;
  let line = 0;
  let firstLine = 0;
  let last = 0;
  let offset = 0;
  const flaws = new Map<number, LineFlaw>();
  return {
    get firstLine() {
      return firstLine;
    },
    lastLine: () => last,
    add(block: Lines): void {
      if (line === 0) [line, firstLine] = [block.from, block.from];
      if (taken > 100_000) [ends, taken] = [ends.slice(taken), 0];
      for (const end of block.ends) ends.push(offset + end);
      offset += block.bytes.length;
      last = block.from + block.ends.length - 1;
      for (const [number, flaw] of block.flaws) flaws.set(number, flaw);
    },
    lineOf(at: number): number {
      while (taken < ends.length && ends[taken]! <= at) {
        taken++;
        line++;
      }
      return Math.min(line, last);
    },
    flawIn: (from: number, to: number): LineFlaw | undefined =>
      [...flaws].find(([number]) => number >= from && number <= to)?.[1],
    /** Removes the flaws of lines up to this one. */
    takeFlaws(to: number): [number, LineFlaw][] {
      if (flaws.size === 0) return [];
      const found = [...flaws].filter(([number]) => number <= to);
      for (const [number] of found) flaws.delete(number);
      return found;
    },
  };
}

function firstLineOf({ bytes, ends }: Lines): string {
  return bytes.toString('utf8', 0, ends[0]);
}

function isCrFile({ bytes }: Lines): boolean {
  return !bytes.includes(10) && bytes.includes(13);
}

function breaksIn(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells)
    for (let at = cell.indexOf('\n'); at !== -1; at = cell.indexOf('\n', at + 1)) count++;
  return count;
}

function isSame(cells: readonly string[], names: readonly string[]): boolean {
  return cells.length === names.length && cells.every((cell, at) => cell.trim() === names[at]);
}
