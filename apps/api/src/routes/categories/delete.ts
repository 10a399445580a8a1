import { deleteCategory } from '@carillon/services/categories/delete';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { categoryParams } from './category-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/categories/{name}',
  operationId: 'deleteCategory',
  summary: 'Forget the settings of a category',
  description:
    'From then on `*` holds for its messages, or the defaults do. Forgetting what is not there is answered 204 too. Needs the scope `categories:*`.',
  tags: ['Categories'],
  ...needs('categories:*'),
  request: { params: categoryParams },
  responses: { 204: { description: 'Forgotten.' }, ...problemResponses('invalid_request') },
});

export function registerDeleteCategory(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    await deleteCategory(serviceContext(tenant, deps), { tenant, name: c.req.valid('param').name });
    return c.body(null, 204);
  });
}
