import { CANCELLABLE, cancelNotification } from '@carillon/db/queries/cancel-notification';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { invalidState, movedSchema, viewMoved } from './moved-view.ts';
import { noSuchNotification, notificationParams, requireId } from './notification-id.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/cancel',
  operationId: 'cancelNotification',
  summary: 'Cancel a notification that is not being sent yet',
  description:
    'Once this is answered 200 the notification is never sent. Cancelling it again is answered 200 too.',
  tags: ['Notifications'],
  middleware: [requireScope('notifications:write')] as const,
  request: { params: notificationParams },
  responses: {
    200: { description: 'It is cancelled.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('not_found', 'invalid_state'),
  },
});

export function registerCancelNotification(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const caller = c.get('caller');
    const move = await cancelNotification(db.sql, caller, id, `key:${caller.keyId}`);
    if (move.outcome === 'not_found') throw noSuchNotification(id);
    if (move.outcome === 'moved') return c.json(viewMoved(id, move.moved), 200);
    if (move.state === 'cancelled') return c.json(viewMoved(id, move), 200);
    throw invalidState(
      id,
      move,
      'cancelled',
      CANCELLABLE,
      'Sending has begun or it has ended; it cannot be recalled.',
    );
  });
}
