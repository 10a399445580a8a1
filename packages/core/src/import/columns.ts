import { show } from '../text/show.ts';

/**
 * Which field each column of a CSV file of recipients is. Pure, so that the dashboard finds what the API would refuse
 * before a file is sent.
 */
export type Delimiter = ',' | ';' | '\t';

/** The fields of a row, besides `attributes.<name>` and `preferences.<category>`. */
export const FIELDS = ['id', 'email', 'phone', 'locale', 'time_zone', 'attributes'] as const;
/** Other names of fields, as exports and earlier versions of the CLI write them. */
const ALIASES: Readonly<Record<string, string>> = { recipient_id: 'id' };
const NAMED = /^(?:attributes|preferences)\../s;
export const MAX_COLUMNS = 500;
const MAX_SHOWN = 10;

export interface ColumnError {
  /** The column by its name, or the parameter that names it. */
  path: string;
  message: string;
}

/** The canonical name of a field; null if there is none of this name. */
export function fieldNamed(name: string): string | null {
  const field = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
  return (FIELDS as readonly string[]).includes(field) || NAMED.test(field) ? field : null;
}

/**
 * @param names of the first line.
 * @param map the field of a column with another name; empty leaves the column out.
 * @returns the field of each column, null for one that is left out; or every column that is unknown or given twice, or
 *   that none is the id.
 */
export function readColumns(
  names: readonly string[],
  map: Readonly<Record<string, string>>,
): { columns: readonly (string | null)[] } | { errors: readonly ColumnError[] } {
  if (names.length > MAX_COLUMNS)
    return {
      errors: [{ path: '', message: `the first line has ${names.length} columns; at most ${MAX_COLUMNS}` }],
    };
  const errors: ColumnError[] = [];
  const seen = new Map<string, string>();
  const columns = names.map((name) => {
    const wanted = Object.hasOwn(map, name) ? map[name]! : name;
    if (wanted === '') return null;
    const field = fieldNamed(wanted);
    if (field === null) {
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
  for (const name of Object.keys(map).filter((each) => !names.includes(each)))
    errors.push({
      path: `map.${name}`,
      message: `there is no column ${show(name)} in the file; it has ${listOf(names)}`,
    });
  if (errors.length === 0 && !seen.has('id'))
    errors.push({
      path: 'id',
      message: `is missing: the first line must name a column "id"; it has ${listOf(names)}`,
    });
  return errors.length > 0 ? { errors } : { columns };
}

function unknownColumn(name: string, wanted: string): string {
  const given = name === wanted ? 'there is no field of this name' : `there is no field ${show(wanted)}`;
  return `${given}; a column is one of ${FIELDS.join(', ')}, attributes.<name> or preferences.<category>. Rename it, or leave it out`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_SHOWN).map(show).join(', ');
  return names.length > MAX_SHOWN ? `${shown} and ${names.length - MAX_SHOWN} more` : shown;
}

/**
 * The separator that the first line of a file has: a comma, unless it has none and semicolons or tabs instead. One
 * within a quoted name does not count.
 */
export function delimiterOf(firstLine: string): Delimiter {
  const plain = firstLine.replaceAll(/"[^"]*"/g, '');
  return ([',', ';', '\t'] as const).find((each) => plain.includes(each)) ?? ',';
}
