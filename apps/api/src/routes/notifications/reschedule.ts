import { viewMoved } from '@carillon/services/notifications/moved';
import { rescheduleNotification } from '@carillon/services/notifications/reschedule';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { movedSchema } from './moved-view.ts';
import { notificationParams, requireId } from './notification-id.ts';

const bodySchema = z
  .strictObject({
    send_at: time().describe(
      'When to send. A time in the past means now. An expiry that was given as `ttl_seconds` moves along; an `expires_at` stays.',
    ),
  })
  .openapi('RescheduleRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/reschedule',
  operationId: 'rescheduleNotification',
  summary: 'Give a notification that is not being sent yet another time',
  tags: ['Notifications'],
  ...needs('notifications:work'),
  request: {
    params: notificationParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It will be sent then.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerRescheduleNotification(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const tenant = c.get('caller');
    const sendAt = new Date(c.req.valid('json').send_at);
    const moved = await rescheduleNotification(serviceContext(tenant, deps), { tenant, id, sendAt });
    return c.json(viewMoved(id, moved), 200);
  });
}
