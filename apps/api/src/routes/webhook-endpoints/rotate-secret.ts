import { MAX_SECRETS, rotateWebhookSecret } from '@carillon/services/webhooks/rotate-secret';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { endpointParams, endpointWithSecretSchema, viewEndpoint } from './endpoint-schema.ts';

const DAY = 24 * 3600;
const bodySchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY)
      .default(DAY)
      .describe(
        'How long signatures are made with the present secret too. 0 ends it and every earlier one at once: after a leak.',
      ),
  })
  .openapi('RotateWebhookSecretRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  summary: 'Give an endpoint a new signing secret',
  description: `For a day (unless said) each event carries a signature of the old secret too, so that the receiver can change over without losing one. A rotation within that time leaves earlier secrets their own time; at most ${MAX_SECRETS} sign at once.`,
  tags: ['Webhooks'],
  ...needs('webhooks:*'),
  request: {
    params: endpointParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: {
      description: 'The new secret, shown this once.',
      content: { 'application/json': { schema: endpointWithSecretSchema } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerRotateWebhookSecret(app: Api, deps: ApiDeps): void {
  const ring = deps.config.ENCRYPTION_KEYS;
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const { overlap_seconds: overlapSeconds = DAY } = c.req.valid('json') ?? {};
    const input = { tenant, id, ring, overlapSeconds };
    const { endpoint, secret } = await rotateWebhookSecret(serviceContext(tenant, deps), input);
    return c.json({ ...viewEndpoint(endpoint), secret }, 200);
  });
}
