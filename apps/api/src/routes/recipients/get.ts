import { getRecipient } from '@carillon/db/recipients/people';
import { noSuchRecipient } from '@carillon/services/recipients/no-such-recipient';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { recipientParams, recipientSchema, viewRecipient } from './recipient-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'getRecipient',
  summary: 'Look up a recipient',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { params: recipientParams },
  responses: {
    200: { description: 'The recipient.', content: { 'application/json': { schema: recipientSchema } } },
    ...problemResponses('not_found'),
  },
});

export function registerGetRecipient(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: id } = c.req.valid('param');
    const row = await getRecipient(db.sql, c.get('caller'), id);
    if (row === null) throw noSuchRecipient(id);
    return c.json(viewRecipient(row), 200);
  });
}
