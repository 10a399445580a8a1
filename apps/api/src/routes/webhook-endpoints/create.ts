import { randomUUID } from 'node:crypto';
import { createWebhookEndpoint, MAX_ENDPOINTS } from '@carillon/db/queries/create-webhook-endpoint';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  assertReachable,
  endpointFields,
  endpointWithSecretSchema,
  newSecret,
  viewEndpoint,
} from './endpoint-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints',
  operationId: 'createWebhookEndpoint',
  summary: 'Register an endpoint for events',
  description:
    'Events come as signed POSTs by the Standard Webhooks specification: check `webhook-signature` over the raw body with the secret, drop what has a `webhook-id` you have seen, answer 2xx within 15 s. Tried at once, after 5 s, 5 m, 30 m, 2 h, 5 h, 10 h and 10 h. Redirects are not followed.',
  tags: ['Webhooks'],
  middleware: [requireScope('webhooks:*')] as const,
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

export function registerCreateWebhookEndpoint(app: Api, { db, config }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { url, description = null, event_types: eventTypes = [] } = c.req.valid('json');
    assertReachable(url, config);
    const id = randomUUID();
    const { secret, sealed } = newSecret(config.ENCRYPTION_KEYS, id);
    const row = await createWebhookEndpoint(
      db.sql,
      caller,
      id,
      { url, description, eventTypes },
      sealed,
      `key:${caller.keyId}`,
    );
    if (row === null)
      throw invalid([
        {
          path: 'url',
          message: `would be endpoint ${MAX_ENDPOINTS + 1}; at most ${MAX_ENDPOINTS} are kept. Delete one first`,
        },
      ]);
    return c.json({ ...viewEndpoint(row), secret }, 201);
  });
}
