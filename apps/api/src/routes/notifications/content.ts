import { CHANNELS } from '@carillon/core/notification/channel';
import { type ChannelContent, UNAVAILABLE_REASONS } from '@carillon/core/notification/sent-content';
import { OUTCOME_CLASSES } from '@carillon/core/provider/outcome';
import { attemptId } from '@carillon/core/text/ids';
import { readSentContent } from '@carillon/services/notifications/read-content';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { notificationParams, requireId } from './notification-id.ts';

export const channelContentSchema = z
  .object({
    channel: z.enum(CHANNELS),
    attempt_id: z
      .string()
      .nullable()
      .describe(
        'The call that got it: the accepted one, else the last. Null where no provider was called yet.',
      ),
    provider: z.string().nullable().describe('The provider account of that call.'),
    outcome: z.enum(OUTCOME_CLASSES).nullable(),
    locale: z.string().nullable().describe('Of the text that was chosen; null with inline content.'),
    to: z
      .string()
      .nullable()
      .describe(
        'The address that the request named, of a device only its end. Null for an address of the recipient, which is not kept with the message.',
      ),
    from: z.string().nullable(),
    problem: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('Why it cannot be rendered: the provider was given nothing.'),
    subject: z.string().optional(),
    text: z.string().optional(),
    html: z
      .string()
      .optional()
      .describe('With its own links, and without the pixel, where they are tracked.'),
    title: z.string().optional(),
    body: z.string().optional(),
    url: z.string().optional(),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        'E-mail only. `Message-ID` where it is ours (SMTP). The token in `List-Unsubscribe` is masked.',
      ),
    tracking: z
      .object({ opens: z.boolean(), clicks: z.boolean() })
      .optional()
      .describe('E-mail only: what its category tracks now.'),
    sms: z
      .object({ encoding: z.enum(['gsm7', 'ucs2']), units: z.int(), segments: z.int() })
      .optional()
      .describe('SMS only: what the network makes of it.'),
    options: z
      .object({
        sound: z.string().nullable().optional(),
        badge: z.int().optional(),
        data: z.record(z.string(), z.string()).optional(),
      })
      .optional()
      .describe('Push only: what it has beside its text.'),
  })
  .openapi('ChannelContent');

export const unavailableSchema = z
  .object({ reason: z.enum(UNAVAILABLE_REASONS), detail: z.string() })
  .nullable()
  .describe('Why there is nothing to read; there is no content then.');

const contentSchema = z
  .object({
    id: z.uuid(),
    notification_id: z.uuid().describe('The same as `id`.'),
    unavailable: unavailableSchema,
    contents: z
      .array(channelContentSchema)
      .describe('One for each channel that was tried, in the order of the route; before that, the next one.'),
  })
  .openapi('NotificationContent');

const route = createRoute({
  method: 'get',
  path: '/v1/notifications/{id}/content',
  operationId: 'getNotificationContent',
  summary: 'Read what was sent',
  description:
    'Rendered again from the template version, the data and the locale of the message. Categories (tracking, the way out), the sender of an account and the time zone of the recipient are as they are now; a template that prints the present time prints this one. Nothing in it works: tokens of unsubscribe links are masked, links are not counted. Of a secret category and of an erased recipient there is a reason instead of content; what retention has removed is answered 404. Each reading is audited.',
  tags: ['Notifications'],
  ...needs('content:read'),
  request: { params: notificationParams },
  responses: {
    200: {
      description: 'The content, or why there is none.',
      content: { 'application/json': { schema: contentSchema } },
    },
    ...problemResponses('not_found'),
  },
});

export function registerGetContent(app: Api, deps: ApiDeps): void {
  const { render } = deps.templates;
  const baseUrl = deps.config.PUBLIC_BASE_URL;

  app.openapi(route, async (c) => {
    const id = requireId(c.req.valid('param').id);
    const tenant = c.get('caller');
    const read = { tenant, id, render, baseUrl };
    const { unavailable, contents } = await readSentContent(serviceContext(tenant, deps), read);
    const view = (content: ChannelContent) => viewContent(id, content);
    return c.json({ id, notification_id: id, unavailable, contents: contents.map(view) }, 200);
  });
}

export function viewContent(
  id: string,
  { attempt, options, ...content }: ChannelContent,
): z.input<typeof channelContentSchema> {
  return {
    ...content,
    attempt_id: attempt && attemptId(id, attempt.n),
    provider: attempt?.account ?? null,
    outcome: attempt?.outcome ?? null,
    ...(options === undefined ? {} : { options: { ...options, data: options.data && { ...options.data } } }),
  };
}
