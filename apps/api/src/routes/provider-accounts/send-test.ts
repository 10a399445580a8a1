import { accountTest } from '@carillon/core/provider/account-test';
import { findTestableAccount, sendAccountTest } from '@carillon/services/provider-accounts/send-test';
import { createRoute, z } from '@hono/zod-openapi';
import { prepare } from '../../accept/prepare.ts';
import { acceptedSchema, sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, assertLive } from './account-schema.ts';

const bodySchema = z.strictObject({ to: sendSchema.shape.to }).openapi('TestProviderAccountRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/provider-accounts/{account}/test',
  operationId: 'testProviderAccount',
  summary: 'Send a real message through this account and no other',
  description:
    'An ordinary notification of your app: GET /v1/notifications/{id} shows its attempts and receipts. It says "Test of <account>", has the category `account-test`, and expires after ten minutes: what the account does not take is not sent through another one. Needs a live key with the scope `providers:*`.',
  tags: ['Provider accounts'],
  ...needs('providers:*'),
  request: {
    params: accountParams,
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
      'wrong_environment',
      'not_found',
      'idempotency_conflict',
      'invalid_state',
      'invalid_request',
      'unknown_recipient',
      'no_contact_point',
    ),
  },
});

export function registerTestProviderAccount(app: Api, deps: ApiDeps): void {
  const { clock, metrics } = deps;
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const ctx = serviceContext(caller, deps);
    const { account: id } = c.req.valid('param');
    const account = await findTestableAccount(ctx, { id, environment: caller.environment });
    const headerKey = c.req.valid('header')['idempotency-key'];
    const body = { to: c.req.valid('json').to, ...accountTest(account) };
    const submission = prepare(body, caller, clock.now(), { headerKey });
    const { accepted, replayed } = await sendAccountTest(ctx, { accountId: id, submission, metrics });
    return c.json(accepted, 202, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}
