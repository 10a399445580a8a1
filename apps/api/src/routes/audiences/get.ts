import { findUsers, getAudience } from '@carillon/db/audiences/audiences';
import { noSuchAudience } from '@carillon/services/audiences/put';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { audienceParams, audienceSchema, viewAudience } from './audience-schema.ts';

const usedAudienceSchema = audienceSchema
  .extend({
    used_by: z
      .object({
        audiences: z.array(z.string()).describe('Their keys.'),
        campaigns: z.array(z.object({ id: z.uuid(), name: z.string() })),
      })
      .describe('Audiences whose filter names it, and campaigns for it that have not started.'),
  })
  .openapi('AudienceWithUsers');

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
    const view = viewAudience(row);
    const usedBy = await findUsers(db.sql, tenant, key);
    return c.json({ ...view, used_by: usedBy }, 200, etagOf(view));
  });
}
