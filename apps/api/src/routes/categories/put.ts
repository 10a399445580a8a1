import { getCategory } from '@carillon/db/queries/get-category';
import { putCategory } from '@carillon/db/queries/put-category';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  categoryParams,
  categorySchema,
  noSuchCategory,
  putCategorySchema,
  viewCategory,
} from './category-schema.ts';

const categoryJson = { 'application/json': { schema: categorySchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/categories/{name}',
  operationId: 'putCategory',
  summary: 'Say how messages of a category are treated',
  description:
    'Replaces what was said before: a field that is left out goes back to its default. A category needs no settings to be used in a send. Needs the scope `admin`.',
  tags: ['Categories'],
  middleware: [requireScope('admin')] as const,
  request: {
    params: categoryParams,
    body: { required: true, content: { 'application/json': { schema: putCategorySchema } } },
  },
  responses: {
    200: { description: 'Replaced, or unchanged if it said the same already.', content: categoryJson },
    201: { description: 'Created.', content: categoryJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerPutCategory(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { name } = c.req.valid('param');
    const body = c.req.valid('json');
    const fields = {
      deliveryPolicy: body.delivery_policy,
      resolveWithinSeconds: body.resolve_within_seconds ?? null,
      backoffSeconds: body.backoff_seconds ?? null,
      unsubscribable: body.unsubscribable,
      trackOpens: body.track_opens,
      trackClicks: body.track_clicks,
    };
    const created = await putCategory(db.sql, caller, name, fields, `key:${caller.keyId}`);
    const row = await getCategory(db.sql, caller, name);
    // Deleted by another request in between.
    if (row === null) throw noSuchCategory(name);
    return c.json(viewCategory(row), created ? 201 : 200);
  });
}
