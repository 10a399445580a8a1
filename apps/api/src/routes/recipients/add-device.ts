import { addDevice, MAX_DEVICES } from '@carillon/services/recipients/devices';
import { createRoute, z } from '@hono/zod-openapi';
import { pushTarget } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { deviceOf, recipientParams } from './recipient-schema.ts';

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
  ...needs('recipients:*'),
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

export function registerAddDevice(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const device = deviceOf(c.req.valid('json'));
    const added = await addDevice(serviceContext(tenant, deps), { tenant, recipientId, device });
    const view = { id: added.id, kind: device.kind, created_at: added.createdAt.toISOString() };
    return c.json(view, added.created ? 201 : 200);
  });
}
