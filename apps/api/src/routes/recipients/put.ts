import { putRecipient } from '@carillon/services/recipients/put';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { newRecipientParams, putRecipientSchema } from './put-schema.ts';
import { recipientSchema, viewRecipient } from './recipient-schema.ts';

const recipientJson = { 'application/json': { schema: recipientSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'putRecipient',
  summary: 'Create or change a recipient',
  description:
    'A field that is left out stays as it is; null removes it; a value replaces it. An address that was disabled (a bounce, a STOP) stays disabled when it is given again.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: {
    params: newRecipientParams,
    body: { required: true, content: { 'application/json': { schema: putRecipientSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: recipientJson },
    201: { description: 'Created.', content: recipientJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerPutRecipient(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const { time_zone: timeZone, ...rest } = c.req.valid('json');
    const input = { tenant, recipientId, fields: { ...rest, timeZone } };
    const { recipient, created } = await putRecipient(serviceContext(tenant, deps), input);
    return c.json(viewRecipient(recipient), created ? 201 : 200);
  });
}
