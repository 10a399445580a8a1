import { randomUUID } from 'node:crypto';
import { MAX_LISTED_ERRORS } from '@carillon/core/import/errors';
import { ProblemError } from '@carillon/core/text/problem';
import { listImportErrors } from '@carillon/db/imports/read-import-errors';
import type { ImportOptions } from '@carillon/db/imports/read-imports';
import { IMPORT_MODES } from '@carillon/db/schema/imports';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { expectUpload, uploadOf } from '../../imports/upload.ts';
import { assertScope, needs } from '../../middleware/auth.ts';
import { assertNotEncoded } from '../../middleware/body.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { importResultSchema, viewImport, viewImportError } from '../imports/import-schema.ts';

/** An upload may take hours, but not be silent for longer. */
const SILENCE_MS = 30_000;
const MAP = 'map.';

const flag = z.enum(['true', 'false']).optional();
const bodySchema = z.string().openapi({
  description:
    'A row a line. Fields: `id`, `email`, `phone`, `locale`, `time_zone`, `attributes.<name>`, `preferences.<category>` (true or false). In UTF-8.',
});

const route = createRoute({
  method: 'post',
  path: '/v1/recipients/import',
  operationId: 'importRecipients',
  summary: 'Create or change any number of recipients from a file',
  description:
    'A stream of any length: NDJSON with an object a line, or CSV whose first line names the columns. Each row is treated as a PUT of it: an empty cell stays as it is, an address that was disabled stays disabled. A bad row never fails the others. An opt-out never becomes an opt-in, and no suppression is lifted, unless `resubscribe=true`. Each part of some thousand rows is stored with its progress: after a broken connection, send the rest with the same `Import-Id` and `from_line`, or the whole file again. May take as long as bytes come; 30 s without one end it.',
  tags: ['Recipients'],
  ...needs('recipients:import'),
  request: {
    headers: z.object({
      'import-id': z
        .guid({ error: 'is not a UUID; make one for each file' })
        .optional()
        .describe(
          'Your own id of the import, a UUID. Without it, one is made, and nothing can go on with it.',
        ),
    }),
    query: z.object({
      mode: z
        .enum(IMPORT_MODES)
        .optional()
        .describe(
          '`upsert` (the default): what a row does not give stays. `replace`: it is removed; devices, preferences and suppressions stay.',
        ),
      dry_run: flag.describe('`true`: rows are checked and counted, and nothing is stored but the errors.'),
      resubscribe: flag.describe(
        '`true`: `preferences.<category>` true counts also after an opt-out, and the addresses of the file are enabled and their suppressions lifted. Needs the scope `suppressions:*`.',
      ),
      from_line: z
        .string()
        .regex(/^[1-9]\d{0,14}$/, 'is not the number of a line, from 1')
        .optional()
        .openapi({ type: 'integer', minimum: 1 })
        .describe('The line of the file that the body begins with; `next_line` of the import says it.'),
      'map.<column>': z
        .string()
        .max(300)
        .optional()
        .describe(
          'The field that a CSV column with another name is: `map.E-Mail=email`. Empty leaves the column out.',
        ),
    }),
    body: {
      required: true,
      content: { 'application/x-ndjson': { schema: bodySchema }, 'text/csv': { schema: bodySchema } },
    },
  },
  responses: {
    200: {
      description: 'The whole file was read.',
      content: { 'application/json': { schema: importResultSchema } },
    },
    ...problemResponses(
      'malformed_request',
      'not_found',
      'request_timeout',
      'idempotency_conflict',
      'invalid_state',
      'unsupported_media_type',
      'invalid_request',
    ),
  },
});

export function registerImportRecipients(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    expectUpload(c);
    const caller = c.get('caller');
    const query = c.req.valid('query');
    const options: ImportOptions = {
      format: formatOf(c.req.header('content-type')),
      mode: query.mode ?? 'upsert',
      dryRun: query.dry_run === 'true',
      resubscribe: query.resubscribe === 'true',
    };
    if (options.resubscribe) assertScope(caller, 'suppressions:*');
    assertNotEncoded(c);
    const given = c.req.valid('header')['import-id'];
    const fromLine = query.from_line === undefined ? null : Number(query.from_line);
    if (given === undefined && fromLine !== null && fromLine > 1)
      throw invalid([
        {
          path: 'from_line',
          message: `${fromLine} belongs to an import that goes on; give its Import-Id, or leave from_line out`,
        },
      ]);
    const { appId, environment, actor } = caller;
    const tenant = { appId, environment };
    const map = mapOf(c.req.query());
    const [mapped] = Object.keys(map);
    if (options.format === 'ndjson' && mapped !== undefined)
      throw invalid([
        {
          path: `${MAP}${mapped}`,
          message: 'is for columns of CSV; NDJSON names its fields itself, leave it out',
        },
      ]);
    const receiving = deps.imports.receive({
      tenant,
      actor,
      id: (given ?? randomUUID()).toLowerCase(),
      fromLine,
      options,
      map,
      upload: (stop) => uploadOf(c, deps.uploadSilenceMs ?? SILENCE_MS, stop),
    });
    const row = await outsideDeadline(c, receiving);
    const errors = await listImportErrors(deps.db.sql, tenant, row.id, {}, MAX_LISTED_ERRORS);
    return c.json({ ...viewImport(row, deps.baseUrl()), errors: errors.map(viewImportError) }, 200, {
      'Import-Id': row.id,
    });
  });
}

const UTF_8 = /^"?utf-?8"?$/i;

/** @throws ProblemError 415 for any other type, and for a character set that is not UTF-8. */
function formatOf(type: string | undefined): ImportOptions['format'] {
  const [media = '', ...parameters] = (type ?? '').split(';').map((part) => part.trim());
  const format = FORMATS[media.toLowerCase()];
  const charset = parameters.find((each) => /^charset=/i.test(each))?.slice('charset='.length);
  if (format !== undefined && (charset === undefined || UTF_8.test(charset))) return format;
  const what =
    format === undefined
      ? `The content type is ${media === '' ? 'missing' : `"${media}"`}; recipients are imported`
      : `The character set of the body is "${charset}"; files are read as UTF-8 only`;
  const remedy =
    format === undefined
      ? 'from NDJSON or CSV. Send "Content-Type: application/x-ndjson" or "text/csv".'
      : 'Save the file as UTF-8.';
  throw new ProblemError('unsupported_media_type', `${what}${format === undefined ? ' ' : '. '}${remedy}`, {
    headers: { Accept: 'application/x-ndjson, text/csv' },
  });
}

const FORMATS: Readonly<Record<string, ImportOptions['format']>> = {
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
};

function mapOf(query: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      name.startsWith(MAP) ? [[name.slice(MAP.length), value]] : [],
    ),
  );
}
