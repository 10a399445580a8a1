import { markSent, SETTLEABLE } from '@carillon/db/queries/mark-sent';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { invalid, show } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { invalidState, movedSchema, viewMoved } from './moved-view.ts';
import { noSuchNotification, notificationParams, requireId } from './notification-id.ts';

const bodySchema = z
  .strictObject({
    provider_message_id: singleLine(255)
      .optional()
      .describe('As the provider\u2019s console shows it. Later receipts find the notification by it.'),
    note: singleLine(500).optional().describe('How it is known. Stands in the timeline.'),
  })
  .openapi('MarkSentRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/{id}/mark-sent',
  operationId: 'markNotificationSent',
  summary: 'Settle a doubt: the provider has it',
  description:
    'For somebody who knows that an in-doubt notification went out. It becomes `sent` and is not sent again; the attempt stays `in_doubt`, for no answer ever came to it.',
  tags: ['Notifications'],
  middleware: [requireScope('notifications:write')] as const,
  request: {
    params: notificationParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It counts as sent.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerMarkNotificationSent(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const caller = c.get('caller');
    const { provider_message_id: providerMessageId, note } = c.req.valid('json') ?? {};
    const move = await markSent(db.sql, caller, id, { providerMessageId, note }, `key:${caller.keyId}`);
    if (move.outcome === 'not_found') throw noSuchNotification(id);
    if (move.outcome === 'moved') return c.json(viewMoved(id, move.moved), 200);
    if (move.outcome === 'taken') {
      const message = `${show(providerMessageId)} is the id of another notification's message; copy the one of this message, or leave it out`;
      throw invalid([{ path: 'provider_message_id', message }]);
    }
    throw invalidState(
      id,
      move,
      'marked as sent',
      SETTLEABLE,
      'There is no doubt to settle; look at its timeline.',
    );
  });
}
