import { deleteCategory } from '@carillon/db/queries/delete-category';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { categoryParams } from './category-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/categories/{name}',
  operationId: 'deleteCategory',
  summary: 'Forget the settings of a category',
  description:
    'From then on `*` holds for its messages, or the defaults do. Forgetting what is not there is answered 204 too. Needs the scope `admin`.',
  tags: ['Categories'],
  middleware: [requireScope('admin')] as const,
  request: { params: categoryParams },
  responses: { 204: { description: 'Forgotten.' }, ...problemResponses('invalid_request') },
});

export function registerDeleteCategory(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    await deleteCategory(db.sql, caller, c.req.valid('param').name, `key:${caller.keyId}`);
    return c.body(null, 204);
  });
}
