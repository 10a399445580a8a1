import { putPreferences } from '@carillon/db/queries/put-preferences';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { preferencesSchema, putPreferencesSchema, viewPreferences } from './preferences-schema.ts';
import { noSuchRecipient, recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'put',
  path: '/v1/recipients/{recipient_id}/preferences',
  operationId: 'putPreferences',
  summary: 'Change what a recipient wants to get',
  description:
    'Asked at the last moment before a send, so it also holds for what is accepted already. Critical messages ignore categories, quiet hours and caps, never a channel that is off. With a channel off, the next one of the route is tried.',
  tags: ['Recipients'],
  middleware: [requireScope('recipients:*')] as const,
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: putPreferencesSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: { 'application/json': { schema: preferencesSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerPutPreferences(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: id } = c.req.valid('param');
    const row = await putPreferences(db.sql, c.get('caller'), id, c.req.valid('json'));
    if (row === null) throw noSuchRecipient(id);
    return c.json(viewPreferences(id, row), 200);
  });
}
