import { CHANNELS } from '@carillon/core/notification/channel';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { categoryName } from '@carillon/core/provider/visible-text';
import { addressForms, MAX_ADDRESS_LENGTH } from '@carillon/core/recipient/address-forms';
import { listNotifications } from '@carillon/db/notifications/list-notifications';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { notificationSchema, viewNotification } from './notification-view.ts';

/** The position as PostgreSQL's text for the time, and the id. */
const CURSOR = [
  /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
];

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
      recipient_id: z.string().min(1).max(255).optional(),
      address: z
        .string()
        .min(1)
        .max(MAX_ADDRESS_LENGTH)
        .optional()
        .describe(
          'E-mail address, phone number, device token or Web Push endpoint, in any spelling (encode a plus sign as %2B). Finds what was sent to it, and everything sent to recipients who have it now. Recipients that were erased are not found by it.',
        ),
      status: z.enum(STATES).optional(),
      channel: z.enum(CHANNELS).optional().describe('The channel that is tried now, or was last.'),
      priority: z.enum(PRIORITIES).optional(),
      category: z.string().min(1).max(64).optional(),
      campaign_id: z.guid({ error: 'is not a UUID; give the id of a campaign' }).optional(),
      created_after: time().optional().describe('At this time or later.'),
      created_before: time().optional().describe('Before this time.'),
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
    const [createdAt, id] = query.cursor === undefined ? [] : fromCursor(query.cursor, CURSOR);
    const filter = {
      address: query.address === undefined ? undefined : addressForms(query.address),
      recipientId: query.recipient_id,
      state: query.status,
      channel: query.channel,
      priority: query.priority,
      categories: query.category === undefined ? undefined : [query.category, categoryName(query.category)],
      campaignId: query.campaign_id,
      createdAfter: query.created_after === undefined ? undefined : new Date(query.created_after),
      createdBefore: query.created_before === undefined ? undefined : new Date(query.created_before),
      before: createdAt === undefined || id === undefined ? undefined : { createdAt, id },
    };
    const { rows, next } = await listNotifications(db.sql, c.get('caller'), filter, limit);
    return c.json(
      { data: rows.map(viewNotification), next_cursor: next && toCursor([next.createdAt, next.id]) },
      200,
    );
  });
}
