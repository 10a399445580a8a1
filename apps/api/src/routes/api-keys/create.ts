import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { createKey } from '@carillon/services/api-keys/create';
import { viewKey } from '@carillon/services/api-keys/list';
import { createRoute, z } from '@hono/zod-openapi';
import { name, time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { KEYS_IN_REACH, keyWithTextSchema, scope } from './key-schema.ts';

const bodySchema = z
  .strictObject({
    app_id: z.uuid().optional().describe('Left out: the app of the calling key.'),
    environment: z.enum(ENVIRONMENTS),
    name: name(100).describe('For people: which program has it.'),
    scopes: z
      .array(scope)
      .min(1)
      .max(20)
      .describe('`installation` brings `admin` with it, and is given only by a key that has it.'),
    rate_per_second: z
      .int()
      .min(1)
      .max(10_000_000)
      .nullable()
      .optional()
      .describe('Over all API processes; null is the default of the installation.'),
    expires_at: time().nullable().optional().describe('Left out or null: until it is revoked.'),
  })
  .openapi('CreateApiKeyRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/api-keys',
  operationId: 'createApiKey',
  summary: 'Make an API key',
  description: `Its text is in the answer and stored nowhere. ${KEYS_IN_REACH}`,
  tags: ['Apps and keys'],
  ...needs('keys:*'),
  request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
  responses: {
    201: {
      description: 'Made. Keep the key: it is not shown again.',
      content: { 'application/json': { schema: keyWithTextSchema } },
    },
    ...problemResponses('malformed_json', 'wrong_environment', 'not_found', 'invalid_request'),
  },
});

export function registerCreateApiKey(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { app_id, rate_per_second, expires_at, ...same } = c.req.valid('json');
    const { key, text } = await createKey(serviceContext(caller, deps), {
      ...same,
      appId: app_id ?? caller.appId,
      ratePerSecond: rate_per_second ?? null,
      expiresAt: expires_at === undefined || expires_at === null ? null : new Date(expires_at),
    });
    return c.json({ ...viewKey(key), key: text }, 201);
  });
}
