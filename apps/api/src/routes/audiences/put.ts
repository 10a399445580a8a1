import { putAudience } from '@carillon/services/audiences/put';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import {
  audienceParams,
  checkedFilter,
  putAudienceResultSchema,
  putAudienceSchema,
  viewAudience,
  viewMembers,
} from './audience-schema.ts';

const audienceJson = { 'application/json': { schema: putAudienceResultSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/audiences/{key}',
  operationId: 'putAudience',
  summary: 'Save a filter or a list of recipients',
  description:
    'Replaces what the audience was. A filter is looked up whenever the audience is used, so that it follows the recipients; campaigns freeze it when they start. Needs the scope `audiences:*`.',
  tags: ['Audiences'],
  ...needs('audiences:*'),
  request: {
    params: audienceParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: putAudienceSchema } } },
  },
  responses: {
    200: { description: 'Replaced, or unchanged.', headers: etagHeader, content: audienceJson },
    201: { description: 'Created.', headers: etagHeader, content: audienceJson },
    ...problemResponses('malformed_json', 'conflict', 'invalid_request', 'unknown_audience'),
  },
});

export function registerPutAudience(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const { name = key, filter, recipient_ids: recipientIds } = c.req.valid('json');
    const content =
      filter !== undefined
        ? { filter: checkedFilter(tenant, filter) }
        : recipientIds === undefined
          ? {}
          : { recipientIds };
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewAudience);
    const input = { tenant, key, name, content, unchanged };
    const { audience, created, members } = await putAudience(serviceContext(tenant, deps), input);
    const view = viewAudience(audience);
    return c.json({ ...view, members: viewMembers(members) }, created ? 201 : 200, etagOf(view));
  });
}
