import { IMPORT_ERROR_KINDS } from '@carillon/core/recipient/import-errors';
import { csvRow } from '@carillon/core/text/csv';
import { type ImportError, listImportErrors } from '@carillon/db/imports/read-import-errors';
import { getImport } from '@carillon/db/imports/read-imports';
import { noSuchImport } from '@carillon/services/imports/begin-import';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { importParams, viewImportError } from './import-schema.ts';

const FORMATS = ['ndjson', 'csv'] as const;
const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const;
const PAGE = 5_000;

const route = createRoute({
  method: 'get',
  path: '/v1/imports/{id}/errors',
  operationId: 'exportImportErrors',
  summary: 'Export the errors of an import as a file',
  description:
    'By line, as a stream. `ndjson`: an error of the import per line. `csv`: the same with line, kind, path and message; cells that a spreadsheet would take for a formula begin with an apostrophe. An answer that ends early is cut off: its connection breaks.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: {
    params: importParams,
    query: z.strictObject({
      format: z.enum(FORMATS).optional().describe('`ndjson` by default.'),
      kind: z.enum(IMPORT_ERROR_KINDS).optional().describe('Only errors of this class.'),
    }),
  },
  responses: {
    200: {
      description: 'The file.',
      content: { 'application/x-ndjson': { schema: z.string() }, 'text/csv': { schema: z.string() } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const HEAD = csvRow(['line', 'kind', 'path', 'message']);
const WRITE: Readonly<Record<(typeof FORMATS)[number], (error: ImportError) => string>> = {
  ndjson: (error) => `${JSON.stringify(viewImportError(error))}\n`,
  csv: ({ line, kind, path, message }) => csvRow([line, kind, path, message]),
};

export function registerImportErrors(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { format = 'ndjson', kind } = c.req.valid('query');
    const { appId, environment } = c.get('caller');
    const tenant = { appId, environment };
    if ((await getImport(db.sql, tenant, id)) === null) throw noSuchImport(id);

    async function* texts(): AsyncGenerator<Uint8Array> {
      const encoder = new TextEncoder();
      if (format === 'csv') yield encoder.encode(HEAD);
      let after: ImportError | null = null;
      do {
        const errors: ImportError[] = await listImportErrors(db.sql, tenant, id, { after, kind }, PAGE);
        if (errors.length > 0) yield encoder.encode(errors.map(WRITE[format]).join(''));
        after = errors.length === PAGE ? errors.at(-1)! : null;
      } while (after !== null);
    }
    return c.body(ReadableStream.from(texts()) as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
      'Content-Type': TYPES[format],
      'Content-Disposition': `attachment; filename="import-${id}-errors.${format}"`,
    });
  });
}
