import { IMPORT_ERROR_KINDS } from '@carillon/core/import/errors';
import { csvRow } from '@carillon/core/text/csv';
import { type ImportError, listImportErrors } from '@carillon/db/imports/read-import-errors';
import { getImport } from '@carillon/db/imports/read-imports';
import { noSuchImport } from '@carillon/services/imports/begin-import';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { importErrorSchema, importParams, viewImportError } from './import-schema.ts';

const FORMATS = ['ndjson', 'csv', 'json'] as const;
type FileFormat = Exclude<(typeof FORMATS)[number], 'json'>;
const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;
const PAGE = 5_000;
/** Where a page begins: a line, and which of its errors. */
const LINE_AND_N = [/^\d{1,15}$/, /^\d{1,4}$/];

const route = createRoute({
  method: 'get',
  path: '/v1/imports/{id}/errors',
  operationId: 'exportImportErrors',
  summary: 'List the errors of an import, or export them as a file',
  description:
    'By line. `json`: pages, as of every list. `ndjson` and `csv`: all of them as a stream, with an error per line. `csv`: with line, kind, path and message; cells that a spreadsheet would take for a formula begin with an apostrophe. An answer that ends early is cut off: its connection breaks.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: {
    params: importParams,
    query: z.strictObject({
      format: z.enum(FORMATS).optional().describe('`ndjson` by default.'),
      kind: z.enum(IMPORT_ERROR_KINDS).optional().describe('Only errors of this class.'),
      cursor: pageQuery.cursor.describe(
        'Only with `format=json`: `next_cursor` of the page before, as it is.',
      ),
      limit: pageQuery.limit.describe('Only with `format=json`.'),
    }),
  },
  responses: {
    200: {
      description: 'One page, or the file.',
      content: {
        'application/json': { schema: pageSchema(importErrorSchema).openapi('ImportErrorPage') },
        'application/x-ndjson': { schema: z.string() },
        'text/csv': { schema: z.string() },
      },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const HEAD = csvRow(['line', 'kind', 'path', 'message']);
const WRITE: Readonly<Record<FileFormat, (error: ImportError) => string>> = {
  ndjson: (error) => `${JSON.stringify(viewImportError(error))}\n`,
  csv: ({ line, kind, path, message }) => csvRow([line, kind, path, message]),
};

export function registerImportErrors(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { format = 'ndjson', kind, cursor, limit } = c.req.valid('query');
    const { appId, environment } = c.get('caller');
    const tenant = { appId, environment };
    if ((await getImport(db.sql, tenant, id)) === null) throw noSuchImport(id);
    if (format === 'json') {
      const most = limitOf(limit);
      const after = cursor === undefined ? null : positionOf(cursor);
      const errors = await listImportErrors(db.sql, tenant, id, { after, kind }, most + 1);
      const last = errors.length > most ? errors[most - 1]! : null;
      const next = last && toCursor([String(last.line), String(last.n)]);
      return c.json({ data: errors.slice(0, most).map(viewImportError), next_cursor: next }, 200);
    }
    for (const [path, given] of Object.entries({ cursor, limit }))
      if (given !== undefined)
        throw invalid([{ path, message: 'is for format=json; a file has all errors, leave it out' }]);

    const write = WRITE[format];
    async function* texts(): AsyncGenerator<Uint8Array> {
      const encoder = new TextEncoder();
      if (format === 'csv') yield encoder.encode(HEAD);
      let after: ImportError | null = null;
      do {
        const errors: ImportError[] = await listImportErrors(db.sql, tenant, id, { after, kind }, PAGE);
        if (errors.length > 0) yield encoder.encode(errors.map(write).join(''));
        after = errors.length === PAGE ? errors.at(-1)! : null;
      } while (after !== null);
    }
    return c.body(ReadableStream.from(texts()) as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
      'Content-Type': TYPES[format],
      'Content-Disposition': `attachment; filename="import-${id}-errors.${format}"`,
    });
  });
}

function positionOf(cursor: string): Pick<ImportError, 'line' | 'n'> {
  const [line, n] = fromCursor(cursor, LINE_AND_N);
  return { line: Number(line), n: Number(n) };
}
