import { cancelNotification } from '@carillon/services/notifications/cancel';
import { viewMoved } from '@carillon/services/notifications/moved';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { movedSchema } from './moved-view.ts';
import { notificationParams, requireId } from './notification-id.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/cancel',
  operationId: 'cancelNotification',
  summary: 'Cancel a notification that is not being sent yet',
  description:
    'Once this is answered 200 the notification is never sent. Cancelling it again is answered 200 too.',
  tags: ['Notifications'],
  ...needs('notifications:work'),
  request: { params: notificationParams },
  responses: {
    200: { description: 'It is cancelled.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('not_found', 'invalid_state'),
  },
});

export function registerCancelNotification(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const tenant = c.get('caller');
    const moved = await cancelNotification(serviceContext(tenant, deps), { tenant, id });
    return c.json(viewMoved(id, moved), 200);
  });
}
