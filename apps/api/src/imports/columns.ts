import type { CsvLayout } from '@carillon/db/schema/imports';
import { show } from '../middleware/invalid.ts';
import { FileRefused } from './whole-lines.ts';

/** The fields of a row, besides `attributes.<name>` and `preferences.<category>`. */
const FIELDS = ['id', 'email', 'phone', 'locale', 'time_zone', 'attributes'];
/** Other names of fields, as exports and earlier versions of the CLI write them. */
const ALIASES: Readonly<Record<string, string>> = { recipient_id: 'id' };
const NAMED = /^(?:attributes|preferences)\../s;
const MAX_COLUMNS = 500;
const MAX_SHOWN = 10;

/**
 * Which field each column of a CSV file is.
 *
 * @param names of the first line.
 * @param map the field of a column with another name; empty leaves the column out.
 * @throws FileRefused naming every column that is unknown or given twice, or if none is the id.
 */
export function columnsOf(
  names: readonly string[],
  map: Readonly<Record<string, string>>,
): readonly (string | null)[] {
  if (names.length > MAX_COLUMNS)
    throw refused(`the first line has ${names.length} columns; at most ${MAX_COLUMNS}`, []);
  const errors: { path: string; message: string }[] = [];
  const seen = new Map<string, string>();
  const columns = names.map((name) => {
    const wanted = map[name] ?? name;
    if (wanted === '') return null;
    const field = ALIASES[wanted] ?? wanted;
    if (!FIELDS.includes(field) && !NAMED.test(field)) {
      errors.push({ path: name, message: unknownColumn(name, wanted) });
      return null;
    }
    const other = seen.get(field);
    if (other !== undefined)
      errors.push({
        path: name,
        message: `is ${field}, and the column ${show(other)} is it too; keep one of them`,
      });
    seen.set(field, name);
    return field;
  });
  const unused = Object.keys(map).filter((name) => !names.includes(name));
  for (const name of unused)
    errors.push({
      path: `map.${name}`,
      message: `there is no column ${show(name)} in the file; it has ${listOf(names)}`,
    });
  if (errors.length === 0 && !seen.has('id'))
    errors.push({
      path: 'id',
      message: `is missing: the first line must name a column "id"; it has ${listOf(names)}`,
    });
  if (errors.length > 0) throw refused(errors.map(({ path, message }) => `${path}: ${message}`)[0]!, errors);
  return columns;
}

function refused(message: string, errors: { path: string; message: string }[]): FileRefused {
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : '';
  return new FileRefused('invalid_request', `${message}${more}`, errors.slice(0, 100));
}

function unknownColumn(name: string, wanted: string): string {
  const given = name === wanted ? 'there is no field of this name' : `there is no field ${show(wanted)}`;
  return `${given}; a column is one of ${FIELDS.join(', ')}, attributes.<name> or preferences.<category>. Rename it, or leave it out`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_SHOWN).map(show).join(', ');
  return names.length > MAX_SHOWN ? `${shown} and ${names.length - MAX_SHOWN} more` : shown;
}

/** The separator that the first line of a file has: a comma, unless it has none and semicolons or tabs instead. */
export function delimiterOf(firstLine: string): CsvLayout['delimiter'] {
  return [',', ';', '\t'].find((each) => firstLine.includes(each)) ?? ',';
}

/** A row as an object: empty cells are left out. Cells are texts, `preferences.*` true or false. */
export function rowValue(
  columns: readonly (string | null)[],
  cells: readonly string[],
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [at, field] of columns.entries()) {
    const cell = cells[at]!;
    if (field === null || cell === '') continue;
    if (field.startsWith('attributes.')) value[field] = cell;
    else {
      const text = cell.trim();
      if (text !== '') value[field] = cellOf(field, text);
    }
  }
  return value;
}

function cellOf(field: string, text: string): unknown {
  // Spreadsheets and our own exports put an apostrophe before what looks like a formula.
  if (field === 'phone') return text.replace(/^'(?=\+)/, '');
  if (field === 'attributes') return parsed(text);
  if (!field.startsWith('preferences.')) return text;
  const lower = text.toLowerCase();
  if (lower === 'true') return true;
  return lower === 'false' ? false : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
