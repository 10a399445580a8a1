import { putCategory } from '@carillon/services/categories/put';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { categoryParams, categorySchema, putCategorySchema, viewCategory } from './category-schema.ts';

const categoryJson = { 'application/json': { schema: categorySchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/categories/{name}',
  operationId: 'putCategory',
  summary: 'Say how messages of a category are treated',
  description:
    'Replaces what was said before: a field that is left out goes back to its default. A category needs no settings to be used in a send. Needs the scope `categories:*`.',
  tags: ['Categories'],
  ...needs('categories:*'),
  request: {
    params: categoryParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: putCategorySchema } } },
  },
  responses: {
    200: {
      description: 'Replaced, or unchanged if it said the same already.',
      headers: etagHeader,
      content: categoryJson,
    },
    201: { description: 'Created.', headers: etagHeader, content: categoryJson },
    ...problemResponses('malformed_json', 'conflict', 'invalid_request'),
  },
});

export function registerPutCategory(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { name } = c.req.valid('param');
    const body = c.req.valid('json');
    const fields = {
      deliveryPolicy: body.delivery_policy,
      resolveWithinSeconds: body.resolve_within_seconds ?? null,
      backoffSeconds: body.backoff_seconds ?? null,
      unsubscribable: body.unsubscribable,
      trackOpens: body.track_opens,
      trackClicks: body.track_clicks,
      secret: body.secret,
      titles: body.titles,
      descriptions: body.descriptions,
      defaultOn: body.default,
      locked: body.lock,
    };
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewCategory);
    const input = { tenant, name, fields, unchanged };
    const { category, created } = await putCategory(serviceContext(tenant, deps), input);
    const view = viewCategory(category);
    return c.json(view, created ? 201 : 200, etagOf(view));
  });
}
