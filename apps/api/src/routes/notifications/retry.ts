import { ProblemError } from '@carillon/core/problem';
import { RETRYABLE, retryNotification } from '@carillon/db/queries/retry-notification';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { invalidState, movedSchema, viewMoved } from './moved-view.ts';
import { noSuchNotification, notificationParams, requireId } from './notification-id.ts';

const bodySchema = z
  .strictObject({
    accept_duplicate_risk: z
      .boolean()
      .optional()
      .describe(
        'What is in doubt, or ended with its last call in doubt, may have arrived; true says that it may arrive twice.',
      ),
  })
  .openapi('RetryRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/retry',
  operationId: 'retryNotification',
  summary: 'Send a dead, failed or in-doubt notification again',
  description:
    'Starts a new cycle of attempts with the same id, template version and data. What may have arrived already (it is `in_doubt`, or it is `dead` or `failed` and its last attempt is in doubt) needs `accept_duplicate_risk`.',
  tags: ['Notifications'],
  middleware: [requireScope('notifications:write')] as const,
  request: {
    params: notificationParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It is on its way again.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerRetryNotification(app: Api, { db, waker }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const caller = c.get('caller');
    const acceptRisk = c.req.valid('json')?.accept_duplicate_risk === true;
    const move = await retryNotification(db.sql, caller, id, acceptRisk, `key:${caller.keyId}`);
    if (move.outcome === 'not_found') throw noSuchNotification(id);
    if (move.outcome === 'moved') {
      waker.wake(move.moved.priority);
      return c.json(viewMoved(id, move.moved), 200);
    }
    if (move.outcome === 'doubtful') {
      const [why, otherwise] =
        move.state === 'in_doubt'
          ? ['', 'else wait for it to be settled, or mark it as sent if you know that it was']
          : [' and its last attempt is in doubt', 'else leave it'];
      throw new ProblemError(
        'invalid_state',
        `Notification ${id} is ${move.state}${why}: the provider may have delivered it already. If it may arrive twice, repeat this with {"accept_duplicate_risk": true}; ${otherwise}.`,
      );
    }
    if (RETRYABLE.includes(move.state)) {
      throw new ProblemError(
        'invalid_state',
        `Notification ${id} is ${move.state} and expired at ${move.expiresAt?.toISOString()}; a retry would only expire it. Send a new notification.`,
      );
    }
    throw invalidState(id, move, 'retried', RETRYABLE, 'It is still under way, or it ended as intended.');
  });
}
