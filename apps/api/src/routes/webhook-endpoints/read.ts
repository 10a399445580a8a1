import { allows } from '@carillon/core/access/access';
import { shownUrl } from '@carillon/core/program/shown-url';
import { type EndpointRow, listWebhookEndpoints } from '@carillon/db/webhooks/endpoints';
import { getWebhookEndpoint } from '@carillon/services/webhooks/endpoint';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { pageSchema } from '../cursor.ts';
import { endpointParams, endpointSchema, viewEndpoint } from './endpoint-schema.ts';

const access = needs('webhooks:read');
const SHORT =
  'Without the scope `webhooks:*` only the origin of a URL is shown: paths and queries often hold tokens.';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/webhook-endpoints',
  operationId: 'listWebhookEndpoints',
  summary: 'List endpoints',
  description: `Oldest first; always one page. ${SHORT}`,
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
  description: `Never its secret. ${SHORT}`,
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
    return c.json({ data: rows.map(viewFor(c.get('caller'))), next_cursor: null }, 200);
  });
  app.openapi(getRoute, async (c) => {
    const { id } = c.req.valid('param');
    const row = await getWebhookEndpoint({ db: db.sql }, { tenant: c.get('caller'), id });
    return c.json(viewFor(c.get('caller'))(row), 200);
  });
}

/** Anyone who may only read endpoints sees where events go, and no token in the URL. */
const viewFor = ({ scopes }: Pick<Caller, 'scopes'>) =>
  allows(scopes, 'webhooks:*')
    ? viewEndpoint
    : (row: EndpointRow) => viewEndpoint({ ...row, url: shownUrl(row.url) });
