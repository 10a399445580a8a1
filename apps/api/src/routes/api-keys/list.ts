import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { listKeys, viewKey } from '@carillon/services/api-keys/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { KEYS_IN_REACH, keySchema } from './key-schema.ts';

const KEY_CURSOR = [/^[0-9a-f]{1,64}$/];

const route = createRoute({
  method: 'get',
  path: '/v1/api-keys',
  operationId: 'listApiKeys',
  summary: 'List API keys',
  description: `Newest first, revoked and expired ones too; never their text. ${KEYS_IN_REACH}`,
  tags: ['Apps and keys'],
  ...needs('keys:*'),
  request: {
    query: z.strictObject({
      app_id: z.uuid().optional(),
      environment: z.enum(ENVIRONMENTS).optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(keySchema).openapi('ApiKeyPage') } },
    },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

export function registerListApiKeys(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { app_id: appId, environment, cursor, limit } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, KEY_CURSOR);
    const { rows, next } = await listKeys(serviceContext(c.get('caller'), deps), {
      appId,
      environment,
      after,
      limit: limitOf(limit),
    });
    return c.json({ data: rows.map(viewKey), next_cursor: next === null ? null : toCursor([next]) }, 200);
  });
}
