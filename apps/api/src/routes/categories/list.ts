import { listCategories } from '@carillon/db/preferences/categories';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { categorySchema, viewCategory } from './category-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/categories',
  operationId: 'listCategories',
  summary: 'List the categories that have settings, by name',
  description: 'Needs the scope `categories:read`.',
  tags: ['Categories'],
  ...needs('categories:read'),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(categorySchema).openapi('CategoryPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListCategories(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\0]{1,64}$/]);
    const rows = await listCategories(db.sql, c.get('caller'), after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(viewCategory),
        next_cursor: rows.length > limit && last ? toCursor([last.name]) : null,
      },
      200,
    );
  });
}
