import { getNotification } from '@carillon/db/notifications/get-notification';
import { noSuchNotification } from '@carillon/services/notifications/moved';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { notificationParams, requireId } from './notification-id.ts';
import { fullNotificationSchema, viewFullNotification } from './notification-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/notifications/{id}',
  operationId: 'getNotification',
  summary: 'Look up a notification',
  description:
    'With every attempt and everything that happened to it. Body and template variables are not shown.',
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: { params: notificationParams },
  responses: {
    200: {
      description: 'The notification.',
      content: { 'application/json': { schema: fullNotificationSchema } },
    },
    ...problemResponses('not_found'),
  },
});

export function registerGetNotification(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const full = await getNotification(db.sql, c.get('caller'), id);
    if (full === null) throw noSuchNotification(id);
    return c.json(viewFullNotification(full), 200);
  });
}
