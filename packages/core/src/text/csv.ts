/** What a cell of a CSV file can hold. A time is given as text. */
export type CsvCell = string | number | boolean | null;

/** A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV injection"). */
const FORMULA = /^[=+\-@\t\r]/;
/** RFC 4180, 2.6: what must stand in quotes. */
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One record of a CSV file by RFC 4180, its CRLF included. `null` is an empty cell. A text that a spreadsheet would take
 * for a formula gets a leading apostrophe, which makes it text there; so does a phone number such as `+4915112345678`.
 * Numbers and booleans are written as they are.
 */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(writtenCell).join(',')}\r\n`;
}

function writtenCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
