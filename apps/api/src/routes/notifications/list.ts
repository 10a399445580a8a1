import { listNotifications } from '@carillon/db/notifications/list-notifications';
import { filterOf } from '@carillon/services/notifications/filter';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { filterShape } from './filter-schema.ts';
import { notificationSchema, viewNotification } from './notification-view.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: 'List notifications, newest first',
  description:
    'A page looks through a bounded number of notifications: with a filter that few of them meet it may hold fewer than `limit`, even none, and still have a `next_cursor`. The list is over when `next_cursor` is null. A recipient, an address and the states scheduled, retrying, in_doubt, dead and failed lead straight to what they name.',
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: {
    query: z.strictObject({
      ...filterShape,
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(notificationSchema).openapi('NotificationPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListNotifications(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [createdAt, id] = query.cursor === undefined ? [] : fromCursor(query.cursor, TIME_AND_ID);
    const filter = {
      ...filterOf(query),
      before: createdAt === undefined || id === undefined ? undefined : { createdAt, id },
    };
    const { rows, next } = await listNotifications(db.sql, c.get('caller'), filter, limit);
    return c.json(
      { data: rows.map(viewNotification), next_cursor: next && toCursor([next.createdAt, next.id]) },
      200,
    );
  });
}
