import { hash } from 'node:crypto';
import { CHANNELS } from '@carillon/core/notification/channel';
import type { Verdict } from '@carillon/services/notifications/accept-store';
import { sendTemplateTest } from '@carillon/services/templates/send-test';
import { createRoute, z } from '@hono/zod-openapi';
import { locale } from '../../accept/fields.ts';
import { prepare } from '../../accept/prepare.ts';
import { sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemsUrl, toProblem } from '../../middleware/problem.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { batchResult, batchResultSchema } from '../notifications/send-batch.ts';
import { sourceTexts } from './chosen-text.ts';
import { compileContext } from './compile-texts.ts';
import { templateParams } from './template-schema.ts';
import { channelsOf, testMessage } from './test-message.ts';

const MAX_RECIPIENTS = 10;

const bodySchema = z
  .strictObject({
    recipients: z
      .array(sendSchema.shape.to)
      .min(1)
      .max(MAX_RECIPIENTS)
      .describe('Who gets it: recipients or addresses, as `to` of a send.'),
    channel: z
      .enum(CHANNELS)
      .optional()
      .describe('Without it the first channel of the template that reaches the recipient.'),
    locale: locale().optional().describe('Without it the one of the recipient, else `en`, else any.'),
    data: z.record(z.string(), z.unknown()).default({}).describe('Template variables.'),
    version: z.int().min(1).optional().describe('Another version than the published one.'),
    draft: z.boolean().optional().describe('The draft instead; the published texts if there is none.'),
  })
  .openapi('TestTemplateRequest', {
    example: {
      recipients: [{ email: 'me@example.com' }],
      draft: true,
      data: { order: 'A-17', name: 'Ada' },
    },
  });

const route = createRoute({
  method: 'post',
  path: '/v1/templates/{key}/test',
  operationId: 'testTemplate',
  summary: 'Send a template to yourself',
  description:
    'Real messages, marked `[TEST]`, of a version or of the draft, rendered now: they are sent as they are, also if the template changes. They have the category `template-test` and expire after an hour; they count neither for the template nor for a category or campaign. One result per recipient, in order; a bad one never fails the others. Needs the scope `notifications:write`, because messages are sent.',
  tags: ['Templates'],
  ...needs('notifications:write'),
  request: {
    params: templateParams,
    headers: z.object({
      'idempotency-key': z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe('1 to 255 visible ASCII characters: the same test again sends nothing more.'),
    }),
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    207: {
      description: 'Every recipient was looked at.',
      content: { 'application/json': { schema: z.object({ results: z.array(batchResultSchema) }) } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerTestTemplate(app: Api, deps: ApiDeps): void {
  const { db, clock, metrics, baseUrl } = deps;

  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { key } = c.req.valid('param');
    const body = c.req.valid('json');
    const { version, draft = false, recipients } = body;
    if (version !== undefined && draft)
      throw invalid([{ path: 'draft', message: 'is mutually exclusive with version; give one of the two' }]);
    const source = await sourceTexts(db.sql, caller, key, { version, draft });
    const headerKey = c.req.valid('header')['idempotency-key'];
    const ctx = serviceContext(caller, deps);
    const verdicts: Verdict[] = [];
    for (const [index, to] of recipients.entries()) {
      const sent = async (): Promise<Verdict> => {
        const message = await testMessage(deps, compileContext(c, deps), caller, to, {
          ...{ key, source, locale: body.locale, data: body.data },
          channels: body.channel === undefined ? channelsOf(source) : [body.channel],
        });
        const options = headerKey === undefined ? {} : { headerKey: keyOf(key, headerKey, index) };
        const submission = prepare(message, caller, clock.now(), options);
        const of = source.version ?? 'draft';
        return sendTemplateTest(ctx, { key, version: of, submission, metrics });
      };
      verdicts.push(await sent().catch((error: unknown) => toProblem(error)));
    }
    const requestId = c.get('requestId');
    const results = verdicts.map((verdict, index) =>
      batchResult(index, verdict, problemsUrl(baseUrl()), requestId),
    );
    return c.json({ results: results as z.input<typeof batchResultSchema>[] }, 207);
  });
}

/** One key per recipient. */
function keyOf(key: string, headerKey: string, index: number): string {
  return `template-test_${hash('sha256', JSON.stringify([key, headerKey, index]), 'hex')}`;
}
