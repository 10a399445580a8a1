import { markSent } from '@carillon/services/notifications/mark-sent';
import { viewMoved } from '@carillon/services/notifications/moved';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { movedSchema } from './moved-view.ts';
import { notificationParams, requireId } from './notification-id.ts';

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
  ...needs('doubts:settle'),
  request: {
    params: notificationParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'It counts as sent.', content: { 'application/json': { schema: movedSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerMarkNotificationSent(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const tenant = c.get('caller');
    const { provider_message_id: providerMessageId, note } = c.req.valid('json') ?? {};
    const known = { tenant, id, providerMessageId, note };
    return c.json(viewMoved(id, await markSent(serviceContext(tenant, deps), known)), 200);
  });
}
