import type { ImportErrorKind } from '@carillon/core/import/errors';

/** A row of a file, or why there is none. */
export type ReadRow = {
  /** Where it begins, and where it ends: a quoted cell may have line breaks. */
  line: number;
  endLine: number;
} & ({ value: Record<string, unknown> } | { flaw: { kind: ImportErrorKind; path: string; message: string } });

/** A row that cannot be read. @param lines of the file that are lost with it. */
export function flawedRow(
  [line, endLine]: readonly [number, number],
  kind: ImportErrorKind,
  message: string,
): ReadRow {
  const range = endLine > line ? `lines ${line} to ${endLine}: ` : '';
  return { line, endLine, flaw: { kind, path: '', message: `${range}${message}` } };
}
