import { createWebhookEndpoint } from '@carillon/services/webhooks/create';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import {
  assertReachable,
  endpointFields,
  endpointWithSecretSchema,
  viewEndpoint,
} from './endpoint-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints',
  operationId: 'createWebhookEndpoint',
  summary: 'Register an endpoint for events',
  description:
    'Events come as signed POSTs by the Standard Webhooks specification: check `webhook-signature` over the raw body with the secret, drop what has a `webhook-id` you have seen, answer 2xx within 15 s. Tried at once, after 5 s, 5 m, 30 m, 2 h, 5 h, 10 h and 10 h, or later where the answer has `Retry-After` (a day at most). Redirects are not followed.',
  tags: ['Webhooks'],
  ...needs('webhooks:*'),
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject(endpointFields).openapi('CreateWebhookEndpointRequest'),
        },
      },
    },
  },
  responses: {
    201: {
      description: 'Registered. Keep the secret: it is not shown again.',
      content: { 'application/json': { schema: endpointWithSecretSchema } },
    },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerCreateWebhookEndpoint(app: Api, deps: ApiDeps): void {
  const { config } = deps;
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { url, description = null, event_types: eventTypes = [] } = c.req.valid('json');
    assertReachable(url, config);
    const { endpoint, secret } = await createWebhookEndpoint(serviceContext(tenant, deps), {
      tenant,
      ring: config.ENCRYPTION_KEYS,
      fields: { url, description, eventTypes },
    });
    return c.json({ ...viewEndpoint(endpoint), secret }, 201);
  });
}
