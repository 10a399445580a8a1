import { getRecipient } from '@carillon/db/queries/get-recipient';
import { putRecipient } from '@carillon/db/queries/put-recipient';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  noSuchRecipient,
  putRecipientSchema,
  recipientParams,
  recipientSchema,
  viewRecipient,
} from './recipient-schema.ts';

const recipientJson = { 'application/json': { schema: recipientSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'putRecipient',
  summary: 'Create or change a recipient',
  description:
    'A field that is left out stays as it is; null removes it; a value replaces it. An address that was disabled (a bounce, a STOP) stays disabled when it is given again.',
  tags: ['Recipients'],
  middleware: [requireScope('recipients:*')] as const,
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: putRecipientSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: recipientJson },
    201: { description: 'Created.', content: recipientJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerPutRecipient(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { recipient_id: id } = c.req.valid('param');
    const { time_zone: timeZone, ...fields } = c.req.valid('json');
    const created = await putRecipient(db.sql, caller, id, { ...fields, timeZone });
    const row = await getRecipient(db.sql, caller, id);
    if (row === null) throw noSuchRecipient(id);
    return c.json(viewRecipient(row), created ? 201 : 200);
  });
}
