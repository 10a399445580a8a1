import { rotateWebhookSecret } from '@carillon/db/queries/rotate-webhook-secret';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  endpointParams,
  endpointWithSecretSchema,
  newSecret,
  noSuchEndpoint,
  viewEndpoint,
} from './endpoint-schema.ts';

const DAY = 24 * 3600;
const bodySchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY)
      .default(DAY)
      .describe('How long signatures are made with both secrets; 0 after a leak.'),
  })
  .openapi('RotateWebhookSecretRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/rotate-secret',
  operationId: 'rotateWebhookSecret',
  summary: 'Give an endpoint a new signing secret',
  description:
    'For a day (unless said) each event carries two signatures, so that the receiver can change over without losing one.',
  tags: ['Webhooks'],
  middleware: [requireScope('webhooks:*')] as const,
  request: {
    params: endpointParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: {
      description: 'The new secret, shown this once.',
      content: { 'application/json': { schema: endpointWithSecretSchema } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerRotateWebhookSecret(app: Api, { db, config }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    const { overlap_seconds = DAY } = c.req.valid('json') ?? {};
    const { secret, sealed } = newSecret(config.ENCRYPTION_KEYS, id);
    const row = await rotateWebhookSecret(db.sql, caller, id, sealed, overlap_seconds, `key:${caller.keyId}`);
    if (row === null) throw noSuchEndpoint(id);
    return c.json({ ...viewEndpoint(row), secret }, 200);
  });
}
