import { listWebhookEndpoints } from '@carillon/db/webhooks/endpoints';
import { getWebhookEndpoint } from '@carillon/services/webhooks/endpoint';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { pageSchema } from '../cursor.ts';
import { endpointParams, endpointSchema, viewEndpoint } from './endpoint-schema.ts';

const access = needs('webhooks:read');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/webhook-endpoints',
  operationId: 'listWebhookEndpoints',
  summary: 'List endpoints',
  description: 'Oldest first; always one page.',
  tags: ['Webhooks'],
  ...access,
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
  ...access,
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
    const row = await getWebhookEndpoint({ db: db.sql }, { tenant: c.get('caller'), id });
    return c.json(viewEndpoint(row), 200);
  });
}
