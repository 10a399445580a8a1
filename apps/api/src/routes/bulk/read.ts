import { listBulkActions } from '@carillon/db/bulk/read-bulk-actions';
import { getBulk } from '@carillon/services/bulk/stop';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { bulkParams, bulkSchema, viewBulk } from './bulk-schema.ts';

const one = createRoute({
  method: 'get',
  path: '/v1/bulk/{id}',
  operationId: 'getBulkAction',
  summary: 'How far a bulk action is',
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: { params: bulkParams },
  responses: {
    200: { description: 'The action.', content: { 'application/json': { schema: bulkSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const list = createRoute({
  method: 'get',
  path: '/v1/bulk',
  operationId: 'listBulkActions',
  summary: 'List bulk actions, newest first',
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(bulkSchema).openapi('BulkActionPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerReadBulk(app: Api, { db }: ApiDeps): void {
  app.openapi(one, async (c) => {
    const row = await getBulk({ db: db.sql }, c.get('caller'), c.req.valid('param').id);
    return c.json(viewBulk(row), 200);
  });
  app.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [createdAt, id] = query.cursor === undefined ? [] : fromCursor(query.cursor, TIME_AND_ID);
    const before = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    const rows = await listBulkActions(db.sql, c.get('caller'), limit + 1, before);
    const last = rows.length > limit ? rows[limit - 1]! : null;
    return c.json(
      { data: rows.slice(0, limit).map(viewBulk), next_cursor: last && toCursor([last.position, last.id]) },
      200,
    );
  });
}
