import { deleteWebhookEndpoint } from '@carillon/db/queries/delete-webhook-endpoint';
import { patchWebhookEndpoint } from '@carillon/db/queries/patch-webhook-endpoint';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  assertReachable,
  endpointFields,
  endpointParams,
  endpointSchema,
  noSuchEndpoint,
  viewEndpoint,
} from './endpoint-schema.ts';

const middleware = [requireScope('webhooks:*')];
const patchSchema = z
  .strictObject({
    ...endpointFields,
    enabled: z.boolean().describe('true also forgives what failed before.'),
  })
  .partial()
  .openapi('PatchWebhookEndpointRequest');

const patchRoute = createRoute({
  method: 'patch',
  path: '/v1/webhook-endpoints/{id}',
  operationId: 'patchWebhookEndpoint',
  summary: 'Change, disable or enable an endpoint',
  description: 'Only what is named changes. Deliveries that are under way go to the new address.',
  tags: ['Webhooks'],
  middleware,
  request: {
    params: endpointParams,
    body: { required: true, content: { 'application/json': { schema: patchSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: { 'application/json': { schema: endpointSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

const deleteRoute = createRoute({
  method: 'delete',
  path: '/v1/webhook-endpoints/{id}',
  operationId: 'deleteWebhookEndpoint',
  summary: 'Remove an endpoint',
  description: 'What was not delivered to it yet is dropped.',
  tags: ['Webhooks'],
  middleware,
  request: { params: endpointParams },
  responses: { 204: { description: 'Removed.' }, ...problemResponses('not_found') },
});

export function registerChangeWebhookEndpoint(app: Api, { db, config }: ApiDeps): void {
  app.openapi(patchRoute, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    const { event_types: eventTypes, ...rest } = c.req.valid('json');
    if (rest.url !== undefined) assertReachable(rest.url, config);
    const row = await patchWebhookEndpoint(
      db.sql,
      caller,
      id,
      { ...rest, eventTypes },
      `key:${caller.keyId}`,
    );
    if (row === null) throw noSuchEndpoint(id);
    return c.json(viewEndpoint(row), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    if (!(await deleteWebhookEndpoint(db.sql, caller, id, `key:${caller.keyId}`))) throw noSuchEndpoint(id);
    return c.body(null, 204);
  });
}
