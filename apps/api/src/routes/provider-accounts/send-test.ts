import { hash } from 'node:crypto';
import { accountTest, whyUntestable } from '@carillon/core/account-test';
import { ProblemError } from '@carillon/core/problem';
import { findProviderAccount, type ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { createRoute, z } from '@hono/zod-openapi';
import { prepare, type Submission } from '../../accept/prepare.ts';
import { acceptedSchema, sendSchema } from '../../accept/send-schema.ts';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, assertLive, noSuchAccount } from './account-schema.ts';

const bodySchema = z.strictObject({ to: sendSchema.shape.to }).openapi('TestProviderAccountRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/provider-accounts/{account}/test',
  operationId: 'testProviderAccount',
  summary: 'Send a real message through this account and no other',
  description:
    'An ordinary notification of your app: GET /v1/notifications/{id} shows its attempts and receipts. It says "Test of <account>", has the category `account-test`, and expires after ten minutes: what the account does not take is not sent through another one. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
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

export function registerTestProviderAccount(app: Api, { db, accept }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    const row = await findProviderAccount(db.sql, id);
    if (row === null) throw noSuchAccount(id);
    assertUsable(row, caller);
    const key = c.req.valid('header')['idempotency-key'];
    const [verdict] = await accept([submissionFor(row, c.req.valid('json').to, caller, key)]);
    if (verdict instanceof ProblemError) throw verdict;
    const { accepted, replayed } = verdict!;
    return c.json(accepted, 202, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}

function assertUsable({ id, enabled, environments }: ProviderAccountRow, { environment }: Caller): void {
  const why = whyUntestable({ enabled, environments }, environment);
  if (why === null) return;
  if (why === 'wrong_environment') {
    throw invalid([
      {
        path: 'account',
        message: `"${id}" carries ${environments.join(' and ')} messages only and your key is a ${environment} key; add "${environment}" to its environments first`,
      },
    ]);
  }
  throw new ProblemError(
    'invalid_state',
    `The provider account "${id}" is disabled. PATCH it with { "enabled": true } first; POST .../verify asks its provider also while it is disabled.`,
  );
}

/** An ordinary send, and the account that it is pinned to: the one thing that no request to /v1/notifications can say. */
function submissionFor(
  account: ProviderAccountRow,
  to: unknown,
  caller: Caller,
  key: string | undefined,
): Submission {
  const { id } = account;
  const submission = prepare({ to, ...accountTest(account) }, caller, key);
  const { row } = submission;
  return {
    ...submission,
    row: {
      ...row,
      options: { ...row.options, account: id },
      // A plain send of the same words under the same key is another request.
      request_hash: `\\x${hash('sha256', `${row.request_hash} account ${id}`, 'hex')}`,
    },
  };
}
