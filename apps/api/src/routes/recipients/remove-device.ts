import { removeDevice } from '@carillon/db/queries/remove-device';
import { createRoute } from '@hono/zod-openapi';
import { pushTarget } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { deviceOf, noSuchRecipient, recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/recipients/{recipient_id}/devices',
  operationId: 'removeDevice',
  summary: 'Forget a device, for example when its user logs out',
  description:
    'Takes the same body as registering it. Forgetting a device that is not there is answered 204 too.',
  tags: ['Recipients'],
  middleware: [requireScope('recipients:*')] as const,
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: pushTarget } } },
  },
  responses: {
    204: { description: 'Forgotten.' },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerRemoveDevice(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: recipientId } = c.req.valid('param');
    const device = deviceOf(c.req.valid('json'));
    if ((await removeDevice(db.sql, c.get('caller'), recipientId, device)) === 'not_found') {
      throw noSuchRecipient(recipientId);
    }
    return c.body(null, 204);
  });
}
