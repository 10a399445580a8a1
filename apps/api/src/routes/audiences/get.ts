import { findUsers, getAudience } from '@carillon/db/audiences/audiences';
import { noSuchAudience } from '@carillon/services/audiences/put';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { audienceParams, usedAudienceSchema, viewAudience, viewUsedAudience } from './audience-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/audiences/{key}',
  operationId: 'getAudience',
  summary: 'Look up an audience',
  description: 'Needs the scope `audiences:read`.',
  tags: ['Audiences'],
  ...needs('audiences:read'),
  request: { params: audienceParams },
  responses: {
    200: {
      description: 'The audience.',
      headers: etagHeader,
      content: { 'application/json': { schema: usedAudienceSchema } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerGetAudience(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const row = await getAudience(db.sql, tenant, key);
    if (row === null) throw noSuchAudience(key);
    const users = await findUsers(db.sql, tenant, key);
    return c.json(viewUsedAudience(row, users), 200, etagOf(viewAudience(row)));
  });
}
