import { type Delimiter, delimiterOf } from './columns.ts';
import { csvRecords } from './csv-records.ts';
import { foreignFile, markLength } from './encoding.ts';

/** What the first bytes of a file of recipients show. */
export interface FileSample {
  format: 'csv' | 'ndjson';
  /** null for NDJSON. */
  delimiter: Delimiter | null;
  /** Of the columns of CSV, or the members that the first objects have. */
  names: readonly string[];
  /** The first rows; a cell that a row does not have is empty. */
  rows: readonly (readonly string[])[];
  /** What the import would report about rows that were seen here, in sentences. */
  warnings: readonly string[];
}

const MAX_ROWS = 20;
const EMPTY = 'The file is empty.';

/**
 * Reads the beginning of a file: its format, its columns and some rows.
 *
 * @param bytes the first ones of the file.
 * @param isWhole whether they are all of it.
 * @param name of the file, by which its format is known.
 * @returns the sample, or why the file as a whole would be refused, in sentences with the remedy.
 */
export function readSample(
  bytes: Uint8Array,
  { isWhole, name }: { isWhole: boolean; name: string },
): FileSample | { refused: string } {
  const foreign = foreignFile(bytes);
  if (foreign !== null) return { refused: foreign };
  const { text, strangeLine } = decoded(bytes.subarray(markLength(bytes)), isWhole);
  if (text.trim() === '') return { refused: EMPTY };
  const warnings: string[] = [];
  if (strangeLine !== null) {
    const where = `Line ${strangeLine} is not in UTF-8: the file looks like Windows-1252 or Latin-1.`;
    if (strangeLine === 1) return { refused: `${where} Save it as UTF-8.` };
    warnings.push(`${where} Rows with such letters will be refused; save the file as UTF-8.`);
  }
  const format = formatOf(name, text);
  if (format === 'ndjson') return ndjsonSample(text, isWhole, warnings);
  return csvSample(text, isWhole, warnings);
}

/** By its name, else by its first letter. */
function formatOf(name: string, text: string): FileSample['format'] {
  if (/\.(ndjson|jsonl|json)$/i.test(name)) return 'ndjson';
  if (/\.(csv|tsv)$/i.test(name)) return 'csv';
  return /^\s*[{[]/.test(text) ? 'ndjson' : 'csv';
}

/** @returns also the first line with bytes that are not UTF-8. */
function decoded(bytes: Uint8Array, isWhole: boolean): { text: string; strangeLine: number | null } {
  try {
    // With `stream`, a letter that is cut off at the end is no fault.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: !isWhole,
    });
    return { text, strangeLine: null };
  } catch {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const before = text.slice(0, text.indexOf('\ufffd'));
    return { text, strangeLine: before.split('\n').length };
  }
}

function csvSample(text: string, isWhole: boolean, warnings: string[]): FileSample | { refused: string } {
  const firstLine = text.split(/\r\n?|\n/, 1)[0]!;
  const delimiter = delimiterOf(firstLine);
  const [head, ...records] = csvRecords(text, delimiter, { isWhole, limit: MAX_ROWS + 1 });
  if (head === undefined)
    return {
      refused: isWhole
        ? EMPTY
        : 'The first line does not end within what was read. It must name the columns; look for a quote that is not closed.',
    };
  if (head.isMalformed)
    return {
      refused: `A quote in the first line is not closed, or stands where none may. Write a name with quotes or separators in quotes.`,
    };
  const names = head.cells.map((name) => name.trim());
  const malformed = records.find(({ isMalformed }) => isMalformed);
  if (malformed)
    warnings.push(
      `A quote in line ${malformed.line} is not closed, or stands where none may: rows are lost by it.`,
    );
  const other = records.find(({ cells, isMalformed }) => !isMalformed && cells.length !== names.length);
  if (other)
    warnings.push(
      `Line ${other.line} has ${other.cells.length} ${other.cells.length === 1 ? 'cell' : 'cells'}, the first line has ${names.length}: such rows will be refused.`,
    );
  if (names.length === 1)
    warnings.push(
      `Only one column was found. Columns are separated by commas, semicolons or tabs, and the first line has none of them.`,
    );
  const rows = records
    .filter(({ isMalformed }) => !isMalformed)
    .map(({ cells }) => names.map((_, column) => cells[column] ?? ''));
  return { format: 'csv', delimiter, names, rows, warnings };
}

function ndjsonSample(text: string, isWhole: boolean, warnings: string[]): FileSample | { refused: string } {
  if (/^\s*\[/.test(text))
    return {
      refused:
        'The file is one JSON array. Write an object on each line (NDJSON), for example with "jq -c \'.[]\'".',
    };
  const lines = text.split(/\r?\n/);
  // The last one may go on.
  if (!isWhole) lines.pop();
  const objects: Record<string, unknown>[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '' || objects.length >= MAX_ROWS) continue;
    const value = objectOf(line);
    if (value !== null) objects.push(value);
    else if (warnings.length === 0)
      warnings.push(`Line ${at + 1} is not a JSON object: such rows will be refused.`);
  }
  if (objects.length === 0)
    return { refused: 'None of the first lines is a JSON object. NDJSON has one on each line.' };
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const rows = objects.map((object) => names.map((name) => written(object[name])));
  return { format: 'ndjson', delimiter: null, names, rows, warnings };
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function written(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
