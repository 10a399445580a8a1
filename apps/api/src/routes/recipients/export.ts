import { allows } from '@carillon/core/access/access';
import { exportRecipient, type HeldData } from '@carillon/services/recipients/export';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, pageQuery, TIME_AND_ID, toCursor } from '../cursor.ts';
import { fullNotificationSchema, viewFullNotification } from '../notifications/notification-view.ts';
import { preferencesSchema, viewPreferences } from './preferences-schema.ts';
import {
  pointSuppressionSchema,
  recipientParams,
  recipientSchema,
  viewPointSuppression,
  viewRecipient,
} from './recipient-schema.ts';

const text = z.record(z.string(), z.unknown()).nullable();

const exportSchema = z
  .object({
    recipient: recipientSchema,
    preferences: preferencesSchema,
    suppressions: z.array(pointSuppressionSchema),
    content_included: z
      .boolean()
      .describe(
        'Whether texts are in it: with the scope `content:read` only. Without it `title`, `body`, `url`, `data` and `content` are null.',
      ),
    inbox: z
      .array(
        z.object({
          notification_id: z.uuid(),
          title: z.string().nullable(),
          body: z.string().nullable(),
          url: z.string().nullable(),
          created_at: z.iso.datetime(),
          seen_at: z.iso.datetime().nullable(),
          read_at: z.iso.datetime().nullable(),
          archived_at: z.iso.datetime().nullable(),
        }),
      )
      .describe('The newest 10,000.'),
    notifications: z
      .array(
        fullNotificationSchema
          .extend({
            data: text.describe('The variables that it was rendered with; null with inline content.'),
            content: text.describe('Its inline content; null with a template.'),
          })
          .openapi('HeldNotification'),
      )
      .describe(
        'Newest first: those that name the recipient, and those to their addresses that name nobody. 1,000 a page.',
      ),
    next_cursor: z.string().nullable().describe('For the older notifications; null on the last page.'),
  })
  .openapi('RecipientExport');

const route = createRoute({
  method: 'get',
  path: '/v1/recipients/{recipient_id}/export',
  operationId: 'exportRecipient',
  summary: 'Export all that is held about a recipient',
  description:
    'For a person who asks for their data. What was erased, redacted or removed by retention is not held any more. Device tokens are secrets: only their end is in it. Audited.',
  tags: ['Recipients'],
  ...needs('recipients:read'),
  request: { params: recipientParams, query: z.strictObject({ cursor: pageQuery.cursor }) },
  responses: {
    200: { description: 'The data.', content: { 'application/json': { schema: exportSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerExportRecipient(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const { cursor } = c.req.valid('query');
    const [createdAt, id] = cursor === undefined ? [] : fromCursor(cursor, TIME_AND_ID);
    const before = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    const withContent = allows(tenant.scopes, 'content:read');
    const input = { tenant, recipientId, withContent, before };
    const held = await exportRecipient(serviceContext(tenant, deps), input);
    return c.json(view(recipientId, held, withContent), 200);
  });
}

function view(
  recipientId: string,
  { recipient, preferences, suppressions, inbox, messages }: HeldData,
  withContent: boolean,
): z.input<typeof exportSchema> {
  const { next } = messages;
  return {
    recipient: viewRecipient(recipient),
    preferences: viewPreferences(recipientId, preferences),
    suppressions: suppressions.map(viewPointSuppression),
    content_included: withContent,
    inbox: inbox.map(({ notificationId, title, body, url, createdAt, ...times }) => ({
      notification_id: notificationId,
      title: withContent ? title : null,
      body: withContent ? body : null,
      url: withContent ? url : null,
      created_at: createdAt.toISOString(),
      seen_at: times.seenAt?.toISOString() ?? null,
      read_at: times.readAt?.toISOString() ?? null,
      archived_at: times.archivedAt?.toISOString() ?? null,
    })),
    notifications: messages.notifications.map(({ data, content, ...full }) => ({
      ...viewFullNotification(full),
      data: withContent ? data : null,
      content: withContent ? content : null,
    })),
    next_cursor: next && toCursor([next.createdAt, next.id]),
  };
}
