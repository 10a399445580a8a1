import { deleteAudience } from '@carillon/services/audiences/delete';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { audienceParams, viewAudience } from './audience-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/audiences/{key}',
  operationId: 'deleteAudience',
  summary: 'Delete an audience',
  description:
    'Its recipients stay. Refused while other audiences, or campaigns that have not started, use it. Deleting what is not there is answered 204 too. Needs the scope `audiences:*`.',
  tags: ['Audiences'],
  ...needs('audiences:*'),
  request: { params: audienceParams, headers: z.object(ifMatchHeader) },
  responses: {
    204: { description: 'Deleted.' },
    ...problemResponses('conflict', 'invalid_state', 'invalid_request'),
  },
});

export function registerDeleteAudience(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewAudience);
    await deleteAudience(serviceContext(tenant, deps), { tenant, key, unchanged });
    return c.body(null, 204);
  });
}
