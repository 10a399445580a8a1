import { readColumns } from '@carillon/core/import/columns';
import { FileRefused } from './whole-lines.ts';

const MAX_ERRORS = 100;

/**
 * Which field each column of a CSV file is.
 *
 * @throws FileRefused naming every column that is unknown or given twice, or if none is the id.
 */
export function columnsOf(
  names: readonly string[],
  map: Readonly<Record<string, string>>,
): readonly (string | null)[] {
  const read = readColumns(names, map);
  if ('columns' in read) return read.columns;
  const [{ path, message }] = read.errors as [(typeof read.errors)[number]];
  const more = read.errors.length > 1 ? ` (and ${read.errors.length - 1} more, see errors)` : '';
  const errors = path === '' ? [] : read.errors.slice(0, MAX_ERRORS);
  throw new FileRefused('invalid_request', `${path === '' ? '' : `${path}: `}${message}${more}`, errors);
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
