/** One record of a CSV file. `line` is where it begins, from 1. */
export interface CsvRecord {
  line: number;
  cells: string[];
  /** The quoting is invalid; `cells` holds what could be read. */
  problem?: string;
}

/**
 * CSV by RFC 4180: commas, `"` around cells with commas, quotes and line breaks, `""` for a quote. Lines end with LF,
 * CRLF or, as old spreadsheets write them, CR. Reads the text as a stream, so that a file may be larger than memory.
 * Empty lines are skipped.
 */
export async function* readCsv(input: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let cells: string[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'quote-in-quoted' = 'start';
  let problem: string | undefined;
  let line = 1;
  let beganAt = 1;
  let isAfterReturn = false;

  const endOfRecord = (): CsvRecord | null => {
    const record = { line: beganAt, cells: [...cells, cell], ...(problem === undefined ? {} : { problem }) };
    const isEmpty = cells.length === 0 && cell === '' && state === 'start';
    cells = [];
    cell = '';
    state = 'start';
    problem = undefined;
    beganAt = line;
    return isEmpty ? null : record;
  };

  for await (const piece of input) {
    for (const character of piece) {
      // The second half of a CRLF, whose line has ended already.
      const isRestOfBreak = character === '\n' && isAfterReturn;
      const isBreak = (character === '\n' && !isAfterReturn) || character === '\r';
      isAfterReturn = character === '\r';
      if (isBreak) line++;
      if (state === 'quoted') {
        if (character === '"') state = 'quote-in-quoted';
        else cell += character;
      } else if (character === '"' && state === 'quote-in-quoted') {
        cell += '"';
        state = 'quoted';
      } else if (character === '"' && state === 'start') state = 'quoted';
      else if (character === ',') {
        cells.push(cell);
        cell = '';
        // Not `start` alone: a record that ends after a comma has one more, empty cell and is not an empty line.
        state = 'start';
      } else if (isBreak) {
        const record = endOfRecord();
        if (record) yield record;
      } else if (isRestOfBreak) {
        beganAt = line;
      } else {
        if (character === '"')
          problem ??= 'a quote stands in the middle of a cell; write it twice and the cell in quotes';
        if (state === 'quote-in-quoted')
          problem ??= 'text follows a closing quote; write a quote inside a cell twice';
        cell += character;
        state = 'plain';
      }
    }
  }
  if (state === 'quoted') problem ??= 'a quote is not closed before the end of the file';
  const last = endOfRecord();
  if (last) yield last;
}
