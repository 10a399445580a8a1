import { type CsvCell, csvRow } from '@carillon/core/text/csv';
import { z } from '@hono/zod-openapi';

/** Rows of one CSV answer at most; it is made in memory. */
export const MAX_CSV_ROWS = 10_000;
/** Rows that are read at a time for it. */
const PAGE = 1_000;

/** For the query of a list that can be downloaded. */
export const csvQuery = {
  format: z
    .enum(['json', 'csv'])
    .optional()
    .describe(
      `\`csv\`: the same rows as a file (RFC 4180), at most ${MAX_CSV_ROWS} of them whatever \`limit\` says; the header \`Next-Cursor\` says where the rest begins. Cells that a spreadsheet would take for formulas are quoted with an apostrophe.`,
    ),
};

/** For the content of its answer. */
export const csvContent = { 'text/csv': { schema: z.string() } };

/** For the headers of its answer. */
export const csvHeaders = {
  'Next-Cursor': {
    description: 'With `format=csv`: `cursor` for the rows after these. Left out on the last ones.',
    schema: { type: 'string' as const },
  },
};

export interface CsvPage<Position> {
  rows: readonly (readonly CsvCell[])[];
  next: Position | null;
}

/**
 * Reads a list page by page into one file.
 *
 * @param read one page of at most `limit` rows after the position.
 * @param toCursor the text of the position for the next request.
 */
export async function csvAnswer<Position>(
  name: string,
  columns: readonly string[],
  first: Position | undefined,
  read: (after: Position | undefined, limit: number) => Promise<CsvPage<Position>>,
  toCursor: (position: Position) => string,
): Promise<Response> {
  let text = csvRow(columns);
  let after = first;
  let left = MAX_CSV_ROWS;
  while (left > 0) {
    const { rows, next } = await read(after, Math.min(PAGE, left));
    text += rows.map((cells) => csvRow(cells)).join('');
    left -= rows.length;
    after = next ?? undefined;
    if (next === null) break;
  }
  return new Response(text, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${name}.csv"`,
      ...(after === undefined ? {} : { 'Next-Cursor': toCursor(after) }),
    },
  });
}
