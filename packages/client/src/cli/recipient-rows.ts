import type { PutRecipientRequest } from '../api-types.ts';
import { readCsv } from './csv.ts';
import { parseExactly } from './exact-json.ts';
import { UsageError } from './usage-error.ts';

/** A row of an import: a recipient, or the reason why it is invalid. */
export type RecipientRow = { line: number } & (
  | { recipientId: string; fields: PutRecipientRequest }
  | { recipientId: string | null; problem: string }
);

export type RowFormat = 'csv' | 'ndjson';

/** The format of a file by its name, unless it is given. @throws UsageError */
export function formatOf(file: string, given: string | undefined): RowFormat {
  if (given === 'csv' || given === 'ndjson') return given;
  if (given !== undefined) throw new UsageError(`--format is "${given}"; there are ndjson and csv`);
  if (file === '-' || /\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  if (/\.csv$/i.test(file)) return 'csv';
  throw new UsageError(`${file} ends with neither .ndjson, .jsonl nor .csv; say --format`);
}

const COLUMNS = ['email', 'phone', 'locale', 'time_zone'] as const;
const ATTRIBUTE = /^attributes\.(.+)$/;

/** @throws UsageError for an invalid CSV header: then every row would be invalid. */
export function readRecipients(
  input: AsyncIterable<string>,
  format: RowFormat,
): AsyncGenerator<RecipientRow> {
  return format === 'csv' ? fromCsv(input) : fromNdjson(input);
}

async function* fromCsv(input: AsyncIterable<string>): AsyncGenerator<RecipientRow> {
  let columns: string[] | null = null;
  for await (const { line, cells, problem } of readCsv(input)) {
    if (columns === null) columns = checkedHead(cells);
    else if (problem !== undefined) yield { line, recipientId: null, problem };
    else if (cells.length !== columns.length) {
      yield {
        line,
        recipientId: null,
        problem: `it has ${cells.length} cells, the first line has ${columns.length}`,
      };
    } else yield rowOf(line, columns, cells);
  }
}

/** A message quotes no more of a file than this. */
const SHOWN_COLUMNS = 5;
const SHOWN_CHARACTERS = 40;

function checkedHead(cells: readonly string[]): string[] {
  const columns = cells.map((cell) => cell.trim());
  for (const [separator, name] of Object.entries({ ';': 'semicolons', '\t': 'tabs', '|': 'bars' })) {
    if (columns.length === 1 && columns[0]!.includes(separator))
      throw new UsageError(`the first line is separated by ${name}; write the file with commas`);
  }
  const unknown = columns.filter(
    (name) =>
      name !== 'recipient_id' && !(COLUMNS as readonly string[]).includes(name) && !ATTRIBUTE.test(name),
  );
  if (unknown.length > 0) {
    throw new UsageError(
      `the first line has columns that are not understood: ${listOf(unknown)}. It may have recipient_id, ${COLUMNS.join(', ')} and attributes.<name>`,
    );
  }
  if (!columns.includes('recipient_id')) throw new UsageError('the first line has no column recipient_id');
  if (new Set(columns).size < columns.length) throw new UsageError('the first line names a column twice');
  return columns;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_COLUMNS).map((name) => {
    const isLong = name.length > SHOWN_CHARACTERS;
    return JSON.stringify(isLong ? `${name.slice(0, SHOWN_CHARACTERS)}...` : name);
  });
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** An empty cell leaves the stored value unchanged. Attributes are texts. */
function rowOf(line: number, columns: readonly string[], cells: readonly string[]): RecipientRow {
  const given = new Map(
    columns.flatMap((name, at) => (cells[at] === '' ? [] : [[name, cells[at]!] as const])),
  );
  const fields: PutRecipientRequest = {};
  for (const name of COLUMNS) {
    const value = given.get(name);
    if (value !== undefined) fields[name] = value.trim();
  }
  const attributes = [...given].flatMap(([name, value]) => {
    const attribute = ATTRIBUTE.exec(name)?.[1];
    return attribute === undefined ? [] : [[attribute, value] as const];
  });
  if (attributes.length > 0) fields.attributes = Object.fromEntries(attributes);
  return checked(line, given.get('recipient_id')?.trim(), fields);
}

async function* fromNdjson(input: AsyncIterable<string>): AsyncGenerator<RecipientRow> {
  for await (const { line, text } of lines(input)) {
    let value: unknown;
    try {
      value = parseExactly(text);
    } catch (error) {
      yield { line, recipientId: null, problem: (error as Error).message };
      continue;
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      yield { line, recipientId: null, problem: 'it is not a JSON object' };
      continue;
    }
    const { recipient_id: id, ...fields } = value as Record<string, unknown>;
    yield checked(line, id, fields as PutRecipientRequest);
  }
}

function checked(line: number, id: unknown, fields: PutRecipientRequest): RecipientRow {
  if (typeof id !== 'string' || id === '')
    return {
      line,
      recipientId: null,
      problem: `recipient_id is ${JSON.stringify(id) ?? 'missing'}; it must be a text`,
    };
  if (id === '.' || id === '..')
    return { line, recipientId: id, problem: `recipient_id is "${id}", which no URL can hold` };
  return { line, recipientId: id, fields };
}

async function* lines(input: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let rest = '';
  let line = 0;
  for await (const piece of input) {
    const text = rest + piece;
    // A CR at the end may be half of a CRLF: wait for the next chunk.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const parts = text.slice(0, end).split(/\r\n?|\n/);
    rest = parts.pop()! + text.slice(end);
    for (const part of parts) {
      line++;
      if (part.trim() !== '') yield { line, text: part };
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, text: rest };
}
