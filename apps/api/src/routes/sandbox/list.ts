import { CHANNELS } from '@carillon/core/notification/channel';
import { STATES } from '@carillon/core/notification/states';
import { addressForms, MAX_ADDRESS_LENGTH } from '@carillon/core/recipient/address-forms';
import { ProblemError } from '@carillon/core/text/problem';
import { readSandbox, type SandboxMessage } from '@carillon/services/notifications/read-sandbox';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { channelContentSchema, unavailableSchema, viewContent } from '../notifications/content.ts';

/** Each message is rendered again for a page. */
const MOST = 50;
const DEFAULT = 20;

const messageSchema = z
  .object({
    notification_id: z.uuid(),
    status: z.enum(STATES).describe('Of the notification now.'),
    recipient_id: z.string().nullable(),
    template: z.string().nullable(),
    at: z.string().describe('When the provider was called.'),
    to: z
      .string()
      .nullable()
      .describe(
        'The address of the request, else the one that the recipient has now; of a device only its end.',
      ),
    error: z
      .object({ code: z.string(), message: z.string().nullable() })
      .nullable()
      .describe('What the simulator answered, if it did not accept it.'),
    unavailable: unavailableSchema,
    content: channelContentSchema,
  })
  .openapi('SandboxMessage');

const route = createRoute({
  method: 'get',
  path: '/v1/sandbox',
  operationId: 'listSandbox',
  summary: 'Read what test keys sent',
  description:
    'The messages of the environment `test`, newest first, as the simulator received them: rendered by the rules of `GET /v1/notifications/{id}/content`, without an audit entry. A notification that went through several channels gives a message for each. A live key is refused: there is no such list of what real people got. A page looks through a bounded number of notifications, so it may hold fewer than `limit`, even none, and still have a `next_cursor`.',
  tags: ['Notifications'],
  ...needs('sandbox:read'),
  request: {
    query: z.strictObject({
      channel: z.enum(CHANNELS).optional(),
      to: z
        .string()
        .min(1)
        .max(MAX_ADDRESS_LENGTH)
        .optional()
        .describe('E-mail address or phone number, in any spelling, or a device token.'),
      q: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Appears in subject, text, HTML, title or body; in any case.'),
      cursor: pageQuery.cursor,
      limit: z
        .string()
        .regex(/^[1-9]\d{0,5}$/, `is not a whole number from 1 to ${MOST}`)
        .refine((text) => Number(text) <= MOST, {
          error: `is too large; at most ${MOST}, because each message is rendered again`,
        })
        .optional()
        .openapi({ type: 'integer', minimum: 1, maximum: MOST, default: DEFAULT }),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(messageSchema).openapi('SandboxPage') } },
    },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

export function registerListSandbox(app: Api, deps: ApiDeps): void {
  const { render } = deps.templates;
  const baseUrl = deps.config.PUBLIC_BASE_URL;

  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    assertTest(tenant);
    const { channel, to, q, cursor, limit } = c.req.valid('query');
    const [createdAt, id] = cursor === undefined ? [] : fromCursor(cursor, TIME_AND_ID);
    const before = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    const { messages, next } = await readSandbox(serviceContext(tenant, deps), {
      tenant,
      filter: { before, address: to === undefined ? undefined : addressForms(to) },
      channel,
      text: q,
      limit: limit === undefined ? DEFAULT : Number(limit),
      ...{ render, baseUrl },
    });
    return c.json(
      { data: messages.map(viewMessage), next_cursor: next && toCursor([next.createdAt, next.id]) },
      200,
    );
  });
}

/** @throws ProblemError 403 for a live key. */
function assertTest({ keyId, environment }: Caller): void {
  if (environment === 'test') return;
  throw new ProblemError(
    'wrong_environment',
    `${keyId} is of the environment "${environment}"; the sandbox shows what test keys sent. Use a test key, or read one message at /v1/notifications/{id}/content.`,
  );
}

function viewMessage({
  notification,
  call,
  content,
  unavailable,
  to,
}: SandboxMessage): z.input<typeof messageSchema> {
  return {
    notification_id: notification.id,
    status: notification.state,
    recipient_id: notification.recipientId,
    template: notification.template,
    at: call.startedAt.toISOString(),
    to,
    error: call.errorCode === null ? null : { code: call.errorCode, message: call.error },
    unavailable,
    content: viewContent(notification.id, content),
  };
}
