import { addDevice, MAX_DEVICES } from '@carillon/db/queries/add-device';
import { createRoute, z } from '@hono/zod-openapi';
import { pushTarget } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { deviceOf, noSuchRecipient, recipientParams } from './recipient-schema.ts';

const deviceSchema = z
  .object({ id: z.uuid(), kind: z.enum(['fcm', 'apns', 'web_push']), created_at: z.iso.datetime() })
  .openapi('Device');
const deviceJson = { 'application/json': { schema: deviceSchema } };

const route = createRoute({
  method: 'post',
  path: '/v1/recipients/{recipient_id}/devices',
  operationId: 'addDevice',
  summary: 'Register a device for push',
  description: `Call it whenever the app starts: a known device is refreshed. A device belongs to one recipient, so whoever had it loses it. The newest ${MAX_DEVICES} of each kind are kept.`,
  tags: ['Recipients'],
  middleware: [requireScope('recipients:*')] as const,
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: pushTarget } } },
  },
  responses: {
    200: { description: 'Known before; refreshed.', content: deviceJson },
    201: { description: 'Registered.', content: deviceJson },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerAddDevice(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { recipient_id: recipientId } = c.req.valid('param');
    const device = deviceOf(c.req.valid('json'));
    const added = await addDevice(db.sql, c.get('caller'), recipientId, device);
    if (added === null) throw noSuchRecipient(recipientId);
    const view = { id: added.id, kind: device.kind, created_at: added.createdAt.toISOString() };
    return c.json(view, added.created ? 201 : 200);
  });
}
