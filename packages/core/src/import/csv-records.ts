/** A record of a CSV text (RFC 4180). */
export interface CsvRecord {
  /** Where it begins, from 1. */
  line: number;
  cells: readonly string[];
  /** A stray quote, or one that is not closed: the API refuses such rows. */
  isMalformed: boolean;
}

/**
 * The first records of a CSV text. Blank lines are left out. A quote that is not closed takes the rest of the text.
 *
 * @param isWhole false: the text is the beginning of a file, and its last record is left out, for it may go on.
 * @param limit how many records at most.
 */
export function csvRecords(
  text: string,
  delimiter: string,
  { isWhole, limit }: { isWhole: boolean; limit: number },
): CsvRecord[] {
  const lineBreak = text.includes('\n') ? '\n' : '\r';
  const records: CsvRecord[] = [];
  let [at, line] = [0, 1];
  while (at < text.length && records.length < limit) {
    const record = readRecord(text, at, delimiter, lineBreak);
    if (record.end === null && !isWhole) break;
    const isBlank = record.cells.length === 1 && record.cells[0] === '' && !record.isQuoted;
    if (!isBlank) records.push({ line, cells: record.cells, isMalformed: record.isMalformed });
    line += record.lines;
    at = record.end ?? text.length;
  }
  return records;
}

interface ReadRecord {
  cells: string[];
  /** Behind its line break; null at the end of the text. */
  end: number | null;
  lines: number;
  isQuoted: boolean;
  isMalformed: boolean;
}

function readRecord(text: string, from: number, delimiter: string, lineBreak: string): ReadRecord {
  const read: ReadRecord = { cells: [], end: null, lines: 1, isQuoted: false, isMalformed: false };
  let cell = '';
  let isOpen = false;
  let wasQuoted = false;
  let at = from;
  const endOfCell = (): void => {
    read.cells.push(cell);
    cell = '';
    wasQuoted = false;
  };
  for (; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === lineBreak && isOpen) read.lines++;
    if (isOpen && letter === '"' && text[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (isOpen && letter === '"') isOpen = false;
    else if (isOpen) cell += letter;
    else if (letter === '"' && cell === '' && !wasQuoted)
      [isOpen, wasQuoted, read.isQuoted] = [true, true, true];
    else if (letter === delimiter) endOfCell();
    else if (letter === lineBreak || (letter === '\r' && text[at + 1] === '\n')) {
      read.end = at + (letter === lineBreak ? 1 : 2);
      break;
    } else {
      if (letter === '"' || wasQuoted) read.isMalformed = true;
      cell += letter;
    }
  }
  read.isMalformed ||= isOpen;
  endOfCell();
  return read;
}
