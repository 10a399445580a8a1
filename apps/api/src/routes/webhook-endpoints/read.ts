import { findWebhookEndpoint, listWebhookEndpoints } from '@carillon/db/queries/find-webhook-endpoint';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { pageSchema } from '../cursor.ts';
import { endpointParams, endpointSchema, noSuchEndpoint, viewEndpoint } from './endpoint-schema.ts';

const middleware = [requireScope('webhooks:*')];

const listRoute = createRoute({
  method: 'get',
  path: '/v1/webhook-endpoints',
  operationId: 'listWebhookEndpoints',
  summary: 'List endpoints',
  description: 'Oldest first; always one page.',
  tags: ['Webhooks'],
  middleware,
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageSchema(endpointSchema).openapi('WebhookEndpointPage') } },
    },
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/webhook-endpoints/{id}',
  operationId: 'getWebhookEndpoint',
  summary: 'Read an endpoint',
  description: 'Never its secret.',
  tags: ['Webhooks'],
  middleware,
  request: { params: endpointParams },
  responses: {
    200: { description: 'The endpoint.', content: { 'application/json': { schema: endpointSchema } } },
    ...problemResponses('not_found'),
  },
});

export function registerReadWebhookEndpoints(app: Api, { db }: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const rows = await listWebhookEndpoints(db.sql, c.get('caller'));
    return c.json({ data: rows.map(viewEndpoint), next_cursor: null }, 200);
  });
  app.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const row = await findWebhookEndpoint(db.sql, c.get('caller'), id);
    if (row === null) throw noSuchEndpoint(id);
    return c.json(viewEndpoint(row), 200);
  });
}
