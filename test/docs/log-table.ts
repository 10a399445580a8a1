import { ERROR_FIELDS, LINE_FIELDS, LOG_FIELDS } from '@carillon/core/program/log-fields';

/** The fields that a call may give, in the order of the table in packages/core. */
export function logFieldTable(): string {
  return table(
    ['field', 'type', 'means'],
    Object.entries(LOG_FIELDS).map(([name, { type, means }]) => [`\`${name}\``, type, means]),
  );
}

/** The fields that the log adds by itself. */
export function logLineTable(): string {
  return table(['field', 'means'], rowsOf(LINE_FIELDS));
}

/** The fields that are made of an error. */
export function logErrorTable(): string {
  return table(['field', 'means'], rowsOf(ERROR_FIELDS));
}

const rowsOf = (fields: Readonly<Record<string, string>>): string[][] =>
  Object.entries(fields).map(([name, means]) => [`\`${name}\``, means]);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
