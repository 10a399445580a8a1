import { getCategory } from '@carillon/db/preferences/categories';
import { noSuchCategory } from '@carillon/services/categories/put';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { categoryParams, categorySchema, viewCategory } from './category-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/categories/{name}',
  operationId: 'getCategory',
  summary: 'Look up the settings of a category',
  description: 'Needs the scope `categories:read`.',
  tags: ['Categories'],
  ...needs('categories:read'),
  request: { params: categoryParams },
  responses: {
    200: {
      description: 'Its settings.',
      headers: etagHeader,
      content: { 'application/json': { schema: categorySchema } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerGetCategory(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { name } = c.req.valid('param');
    const row = await getCategory(db.sql, c.get('caller'), name);
    if (row === null) throw noSuchCategory(name);
    const view = viewCategory(row);
    return c.json(view, 200, etagOf(view));
  });
}
