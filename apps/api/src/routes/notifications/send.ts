import { ProblemError } from '@carillon/core/text/problem';
import { createRoute, z } from '@hono/zod-openapi';
import { prepare } from '../../accept/prepare.ts';
import { acceptedSchema, sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { answerJson } from '../../middleware/answer-json.ts';
import { assertScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';

const SCOPE = 'notifications:write';

const route = createRoute({
  method: 'post',
  path: '/v1/notifications',
  operationId: 'sendNotification',
  summary: 'Send a notification',
  description:
    'Answered 202 once the notification is stored for good. The same request with the same idempotency key gets the same answer, with `Idempotent-Replayed: true`; another request with that key gets 409. `digest` is reserved and refused with 422.',
  tags: ['Notifications'],
  'x-scope': SCOPE,
  request: {
    headers: z.object({
      'idempotency-key': z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe(
          '1 to 255 visible ASCII characters. Instead of `idempotency_key` in the body. Taken literally: quotes around it belong to the key.',
        ),
    }),
    body: { required: true, content: { 'application/json': { schema: sendSchema } } },
  },
  responses: {
    202: {
      description: 'Accepted and stored.',
      headers: {
        'Idempotent-Replayed': {
          description: '`true` if the answer is that of an earlier, equal request.',
          schema: { type: 'string', enum: ['true'] },
        },
      },
      content: { 'application/json': { schema: acceptedSchema } },
    },
    ...problemResponses(
      'malformed_json',
      'idempotency_conflict',
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

/**
 * The hot path: described by the schema that checks it, but handled without the generic validator, which would parse
 * the body a second time.
 */
export function registerSend(app: Api, { accept, clock, config }: ApiDeps): void {
  const { WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  app.openAPIRegistry.registerPath(route);
  app.post('/v1/notifications', async (c) => {
    const caller = c.get('caller');
    assertScope(caller, SCOPE);
    const headerKey = c.req.header('idempotency-key');
    const submission = prepare(c.get('body'), caller, clock.now(), { headerKey, allowPrivate });
    const [verdict] = await accept([submission]);
    if (verdict instanceof ProblemError) throw verdict;
    const { accepted, replayed } = verdict!;
    return answerJson(c, accepted, 202, replayed ? { 'Idempotent-Replayed': 'true' } : undefined);
  });
}
