import { changeWebhookEndpoint } from '@carillon/services/webhooks/change';
import { deleteWebhookEndpoint } from '@carillon/services/webhooks/delete';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import {
  assertReachable,
  endpointFields,
  endpointParams,
  endpointSchema,
  viewEndpoint,
} from './endpoint-schema.ts';

const access = needs('webhooks:*');
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
  ...access,
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
  ...access,
  request: { params: endpointParams },
  responses: { 204: { description: 'Removed.' }, ...problemResponses('not_found') },
});

export function registerChangeWebhookEndpoint(app: Api, deps: ApiDeps): void {
  app.openapi(patchRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const { event_types: eventTypes, ...rest } = c.req.valid('json');
    if (rest.url !== undefined) assertReachable(rest.url, deps.config);
    const change = { ...rest, eventTypes };
    const row = await changeWebhookEndpoint(serviceContext(tenant, deps), { tenant, id, change });
    return c.json(viewEndpoint(row), 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    await deleteWebhookEndpoint(serviceContext(tenant, deps), { tenant, id });
    return c.body(null, 204);
  });
}
