import { randomBytes } from 'node:crypto';
import { CHANNELS } from '@carillon/core/notification/channel';
import type { KeyRing } from '@carillon/core/notification/envelope';
import type { Message } from '@carillon/core/notification/message';
import { ProblemError } from '@carillon/core/text/problem';
import { resolveReferences } from '@carillon/services/notifications/accept-resolve';
import { explain } from '@carillon/services/notifications/explain';
import { createRoute, z } from '@hono/zod-openapi';
import { prepare } from '../../accept/prepare.ts';
import { sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { assertScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';

const SCOPE = 'notifications:write';

const renderedSchema = z.object({
  subject: z.string().optional(),
  text: z.string().optional(),
  html: z.string().optional(),
  title: z.string().optional(),
  body: z.string().optional(),
  url: z.string().optional(),
});

const explanationSchema = z
  .object({
    would: z
      .enum(['send', 'hold', 'skip', 'fail'])
      .describe(
        '`send`: a provider would be called. `hold`: it would wait until `at`, and be judged again. `skip`: it would end `skipped`, `suppressed` or `expired`. `fail`: it would end `failed`.',
      ),
    at: z.iso
      .datetime()
      .nullable()
      .describe('When it would be sent or looked at again. Null if it would not, or if the time is unknown.'),
    channel: z.enum(CHANNELS).describe('The channel it would end with: the last that was looked at.'),
    account: z.string().nullable().describe('The provider account that would be called first.'),
    rendered: renderedSchema
      .nullable()
      .describe('What the provider would be given. Links that lead out of a category do not work here.'),
    because: z
      .array(z.object({ code: z.string(), detail: z.string() }))
      .describe('Why, in the order in which a delivery finds out. The last one decides; branch on `code`.'),
  })
  .openapi('Explanation');

const route = createRoute({
  method: 'post',
  path: '/v1/notifications/explain',
  operationId: 'explainNotification',
  summary: 'Explain what a send would do',
  description:
    'The body of a send, judged by the rules of a delivery: preferences, quiet hours, caps, suppressions, expiry, template, provider accounts and their breakers, over the channels of the route. Nothing is stored, counted or called, and the idempotency key is not looked at. What only a call can tell stays open: rate limits, attachments and the answer of the provider. With `send_at` it is judged for that time, by what is known now.',
  tags: ['Notifications'],
  'x-scope': SCOPE,
  request: { body: { required: true, content: { 'application/json': { schema: sendSchema } } } },
  responses: {
    200: {
      description: 'What would happen, and why.',
      content: { 'application/json': { schema: explanationSchema } },
    },
    ...problemResponses(
      'malformed_json',
      'too_large',
      'unsupported_media_type',
      'invalid_request',
      'unknown_template',
      'missing_variables',
      'unknown_recipient',
      'no_contact_point',
    ),
  },
});

/** Signs only the links of explanations; no route accepts its signatures, so the links shown here do not work. */
const THROWAWAY: KeyRing = { current: 'none', keys: new Map([['none', randomBytes(32)]]) };

export function registerExplain(app: Api, { db, clock, config, templates }: ApiDeps): void {
  const { PUBLIC_BASE_URL: baseUrl, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  const context = {
    db: db.sql,
    renderer: templates.render,
    links: baseUrl === undefined ? null : { baseUrl, ring: THROWAWAY },
  };
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/notifications/explain', async (c) => {
    const caller = c.get('caller');
    assertScope(caller, SCOPE);
    const submission = prepare(c.get('body'), caller, clock.now(), { allowPrivate });
    await resolveReferences(db.sql, [submission]);
    if (submission.refusal instanceof ProblemError) throw submission.refusal;
    const { would, at, channel, account, rendered, because } = await explain(context, submission.row);
    const view: z.infer<typeof explanationSchema> = {
      ...{ would, channel, account, because },
      at: at === null ? null : at.toISOString(),
      rendered: rendered === null ? null : renderedView(rendered),
    };
    return c.json(view, 200);
  });
}

/** Without addresses and headers. */
function renderedView(message: Message): z.infer<typeof renderedSchema> {
  const {
    subject,
    text,
    html,
    title,
    body,
    url,
  }: Partial<Record<keyof z.infer<typeof renderedSchema>, string>> = message;
  return Object.fromEntries(
    Object.entries({ subject, text, html, title, body, url }).filter(([, value]) => value !== undefined),
  );
}
