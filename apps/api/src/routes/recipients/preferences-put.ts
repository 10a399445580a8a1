import { putPreferences } from '@carillon/services/preferences/put';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { preferencesSchema, putPreferencesSchema, viewPreferences } from './preferences-schema.ts';
import { recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'put',
  path: '/v1/recipients/{recipient_id}/preferences',
  operationId: 'putPreferences',
  summary: 'Change what a recipient wants to get',
  description:
    'Holds from the answer on, for everything whose first byte is not written yet: also for what is accepted already. Critical messages ignore categories, quiet hours and caps, never a channel that is off. With a channel off, the next one of the route is tried.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: putPreferencesSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: { 'application/json': { schema: preferencesSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerPutPreferences(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const fields = c.req.valid('json');
    const row = await putPreferences(serviceContext(tenant, deps), { tenant, recipientId, fields });
    return c.json(viewPreferences(recipientId, row), 200);
  });
}
