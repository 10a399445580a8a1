import { MAX_LISTED_ERRORS } from '@carillon/core/import/errors';
import { listImportErrors } from '@carillon/db/imports/read-import-errors';
import { getImport, listImports } from '@carillon/db/imports/read-imports';
import { noSuchImport } from '@carillon/services/imports/begin-import';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import {
  importParams,
  importResultSchema,
  importSchema,
  viewImport,
  viewImportError,
} from './import-schema.ts';

const one = createRoute({
  method: 'get',
  path: '/v1/imports/{id}',
  operationId: 'getImport',
  summary: 'How far an import is',
  description:
    'Also while its file is being uploaded: the counts grow by some thousand rows at a time. Imports are kept for 30 days after their last change.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { params: importParams },
  responses: {
    200: { description: 'The import.', content: { 'application/json': { schema: importResultSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/imports',
  operationId: 'listImports',
  summary: 'List imports, newest first',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(importSchema).openapi('ImportPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerReadImports(app: Api, { db, baseUrl }: ApiDeps): void {
  app.openapi(one, async (c) => {
    const { id } = c.req.valid('param');
    const tenant = c.get('caller');
    const row = await getImport(db.sql, tenant, id);
    if (row === null) throw noSuchImport(id);
    const errors = await listImportErrors(db.sql, tenant, row.id, {}, MAX_LISTED_ERRORS);
    return c.json({ ...viewImport(row, baseUrl()), errors: errors.map(viewImportError) }, 200);
  });
  app.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [createdText, id] = query.cursor === undefined ? [] : fromCursor(query.cursor, TIME_AND_ID);
    const after = createdText === undefined || id === undefined ? null : { createdText, id };
    const rows = await listImports(db.sql, c.get('caller'), after, limit + 1);
    const last = rows.length > limit ? rows[limit - 1]! : null;
    const data = rows.slice(0, limit).map((row) => viewImport(row, baseUrl()));
    return c.json({ data, next_cursor: last && toCursor([last.createdText, last.id]) }, 200);
  });
}
