import { getCategory } from '@carillon/db/preferences/categories';
import { noSuchCategory } from '@carillon/services/categories/put';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { categoryParams, categorySchema, viewCategory } from './category-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/categories/{name}',
  operationId: 'getCategory',
  summary: 'Look up the settings of a category',
  description: 'Needs the scope `admin`.',
  tags: ['Categories'],
  ...needs('admin'),
  request: { params: categoryParams },
  responses: {
    200: { description: 'Its settings.', content: { 'application/json': { schema: categorySchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerGetCategory(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { name } = c.req.valid('param');
    const row = await getCategory(db.sql, c.get('caller'), name);
    if (row === null) throw noSuchCategory(name);
    return c.json(viewCategory(row), 200);
  });
}
