import { HORIZON_MS } from '@carillon/core/horizon';
import { ProblemError } from '@carillon/core/problem';
import { RESCHEDULABLE, rescheduleNotification } from '@carillon/db/queries/reschedule-notification';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { invalidState, movedSchema, viewMoved } from './moved-view.ts';
import { noSuchNotification, notificationParams, requireId } from './notification-id.ts';

const bodySchema = z
  .strictObject({ send_at: time().describe('When to send. A time in the past means now.') })
  .openapi('RescheduleRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/reschedule',
  operationId: 'rescheduleNotification',
  summary: 'Give a notification that is not being sent yet another time',
  tags: ['Notifications'],
  middleware: [requireScope('notifications:write')] as const,
  request: {
    params: notificationParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It will be sent then.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerRescheduleNotification(app: Api, { db, waker }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const caller = c.get('caller');
    const sendAt = new Date(c.req.valid('json').send_at);
    const move = await rescheduleNotification(db.sql, caller, id, sendAt, `key:${caller.keyId}`, HORIZON_MS);
    if (move.outcome === 'not_found') throw noSuchNotification(id);
    if (move.outcome === 'moved') {
      waker.wake(move.moved.priority);
      return c.json(viewMoved(id, move.moved), 200);
    }
    if (RESCHEDULABLE.includes(move.state)) throw tooLate(id, sendAt, move.expiresAt);
    throw invalidState(id, move, 'rescheduled', RESCHEDULABLE, 'Send a new notification instead.');
  });
}

function tooLate(id: string, sendAt: Date, expiresAt: Date | null): ProblemError {
  const message = `${sendAt.toISOString()} is not before expires_at (${expiresAt?.toISOString()}) of notification ${id}; give an earlier time, or send a new notification if it has expired`;
  return new ProblemError('invalid_request', `send_at: ${message}`, {
    errors: [{ path: 'send_at', message }],
  });
}
