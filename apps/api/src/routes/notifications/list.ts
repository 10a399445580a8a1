import { CHANNELS } from '@carillon/core/channel';
import { PRIORITIES } from '@carillon/core/priority';
import { STATES } from '@carillon/core/states';
import { listNotifications } from '@carillon/db/queries/list-notifications';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { notificationSchema, viewNotification } from './notification-view.ts';

/** The position in PostgreSQL's own text, and the id. */
const CURSOR = [
  /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
];

const route = createRoute({
  method: 'get',
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: 'List notifications, newest first',
  tags: ['Notifications'],
  middleware: [requireScope('notifications:read')] as const,
  request: {
    query: z.strictObject({
      recipient_id: z.string().min(1).max(255).optional(),
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
      recipientId: query.recipient_id,
      state: query.status,
      channel: query.channel,
      priority: query.priority,
      category: query.category,
      campaignId: query.campaign_id,
      createdAfter: query.created_after === undefined ? undefined : new Date(query.created_after),
      createdBefore: query.created_before === undefined ? undefined : new Date(query.created_before),
      before: createdAt === undefined || id === undefined ? undefined : { createdAt, id },
    };
    // One more than asked for tells whether there is a next page.
    const rows = await listNotifications(db.sql, c.get('caller'), filter, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(viewNotification),
        next_cursor: rows.length > limit && last ? toCursor([last.position, last.id]) : null,
      },
      200,
    );
  });
}
