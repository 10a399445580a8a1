import { getPreferences } from '@carillon/db/preferences/preferences';
import { noSuchRecipient } from '@carillon/services/recipients/no-such-recipient';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { preferencesSchema, viewPreferences } from './preferences-schema.ts';
import { recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/recipients/{recipient_id}/preferences',
  operationId: 'getPreferences',
  summary: 'Look up what a recipient wants to get',
  description: 'Somebody who never said anything wants everything, at any time.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { params: recipientParams },
  responses: {
    200: {
      description: 'The preferences.',
      content: { 'application/json': { schema: preferencesSchema } },
    },
    ...problemResponses('not_found'),
  },
});

export function registerGetPreferences(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: id } = c.req.valid('param');
    const row = await getPreferences(db.sql, c.get('caller'), id);
    if (row === null) throw noSuchRecipient(id);
    return c.json(viewPreferences(id, row), 200);
  });
}
