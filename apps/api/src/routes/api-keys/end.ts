import { viewKey } from '@carillon/services/api-keys/list';
import { revokeKey } from '@carillon/services/api-keys/revoke';
import { DEFAULT_OVERLAP_SECONDS, MAX_OVERLAP_SECONDS, rotateKey } from '@carillon/services/api-keys/rotate';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { KEYS_IN_REACH, keyParams, keyWithTextSchema } from './key-schema.ts';

const access = needs('keys:*');

const bodySchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(MAX_OVERLAP_SECONDS)
      .default(DEFAULT_OVERLAP_SECONDS)
      .describe(
        'How long the old key works on, but never longer than it would have. 0 revokes it: after a leak.',
      ),
    expires_at: time()
      .nullable()
      .optional()
      .describe(
        'Of the new key. Left out: it lives as long as the old one was made to; null: until it is revoked.',
      ),
  })
  .openapi('RotateApiKeyRequest');

const rotateRoute = createRoute({
  method: 'post',
  path: '/v1/api-keys/{id}/rotate',
  operationId: 'rotateApiKey',
  summary: 'Make a key in the place of another',
  description: `With the same name, rights and limit; the old one works for a day more, unless said. ${KEYS_IN_REACH}`,
  tags: ['Apps and keys'],
  ...access,
  request: {
    params: keyParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    201: {
      description: 'The new key, shown this once.',
      content: { 'application/json': { schema: keyWithTextSchema } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

const revokeRoute = createRoute({
  method: 'delete',
  path: '/v1/api-keys/{id}',
  operationId: 'deleteApiKey',
  summary: 'Revoke a key',
  description: `For good. Every API process refuses it after 5 s at most. It stays in the list as revoked. ${KEYS_IN_REACH}`,
  tags: ['Apps and keys'],
  ...access,
  request: { params: keyParams },
  responses: {
    204: { description: 'Revoked, now or before.' },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerEndApiKeys(app: Api, deps: ApiDeps): void {
  app.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { overlap_seconds = DEFAULT_OVERLAP_SECONDS, expires_at } = c.req.valid('json') ?? {};
    const { key, text } = await rotateKey(serviceContext(c.get('caller'), deps), {
      id,
      overlapSeconds: overlap_seconds,
      expiresAt: typeof expires_at === 'string' ? new Date(expires_at) : expires_at,
    });
    return c.json({ ...viewKey(key), key: text }, 201);
  });
  app.openapi(revokeRoute, async (c) => {
    await revokeKey(serviceContext(c.get('caller'), deps), c.req.valid('param'));
    return c.body(null, 204);
  });
}
