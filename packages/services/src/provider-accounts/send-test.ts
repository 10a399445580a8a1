import { hash } from 'node:crypto';
import type { Environment } from '@carillon/core/notification/environment';
import { requestHash } from '@carillon/core/notification/request-hash';
import { accountTest, whyUntestable } from '@carillon/core/provider/account-test';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import type { Tenant } from '@carillon/db/connection/tenant';
import {
  findProviderAccount,
  type ProviderAccountRow,
} from '@carillon/db/provider-accounts/provider-accounts';
import { refusedField, type ServiceContext, type WakingContext } from '../context.ts';
import type { AcceptMetrics } from '../notifications/accept.ts';
import { acceptRecorded } from '../notifications/accept-recorded.ts';
import type { Accepted } from '../notifications/accept-store.ts';
import { type SendTarget, type Submission, submissionOf } from '../notifications/accept-submission.ts';
import { noSuchAccount } from './verify.ts';

/**
 * The account, if a test of it can be sent.
 *
 * @param input.environment of the caller.
 * @throws ProblemError 404, 409 for a disabled account, 422 for one that serves nothing in this environment.
 */
export async function findTestableAccount(
  { db }: Pick<ServiceContext, 'db'>,
  { id, environment }: { id: string; environment: Environment },
): Promise<ProviderAccountRow> {
  const account = await findProviderAccount(db, id);
  if (account === null) throw noSuchAccount(id);
  const why = whyUntestable(account, environment);
  if (why === null) return account;
  if (why === 'wrong_environment')
    throw refusedField(
      'account',
      `"${id}" carries ${account.environments.join(' and ')} messages only and your key is a ${environment} key; add "${environment}" to its environments first`,
    );
  throw new ProblemError(
    'invalid_state',
    `The provider account "${id}" is disabled. PATCH it with { "enabled": true } first; POST .../verify asks its provider also while it is disabled.`,
  );
}

/**
 * The submission of a test that a person requests in a form.
 *
 * @param account with PostgreSQL's time when it was read.
 * @param once identifies the form: submitted twice, the same form to the same person is one message.
 */
export function formTest(
  tenant: Tenant,
  account: Pick<ProviderAccountRow, 'id' | 'channel'> & { now: Date },
  to: SendTarget,
  once: string,
): Submission {
  const digest = requestHash({ account: account.id, to, once }).toString('hex');
  const request = { to, priority: 'normal', ...accountTest(account) } as const;
  return submissionOf(
    tenant,
    request,
    [account.channel],
    `test_${digest}`,
    `\\x${digest}`,
    account.now.getTime(),
  );
}

/**
 * Sends a real message through one account and no other: an ordinary notification that is pinned to the account, which
 * no request to /v1/notifications can do.
 *
 * @param input.submission the message of `accountTest`, with its recipient.
 * @throws ProblemError 409, 422 as a send.
 */
export async function sendAccountTest(
  ctx: WakingContext,
  input: { accountId: string; submission: Submission; metrics?: Pick<AcceptMetrics, 'accepted'> },
): Promise<{ accepted: Accepted; replayed: boolean }> {
  const { accountId, submission, metrics } = input;
  const { row } = submission;
  const pinned = {
    ...submission,
    row: {
      ...row,
      options: { ...row.options, account: accountId },
      // A plain send with the same content under the same key is a different request.
      request_hash: `\\x${hash('sha256', `${row.request_hash} account ${accountId}`, 'hex')}`,
    },
  };
  return acceptRecorded(
    ctx,
    pinned,
    (tx) =>
      audit(tx, {
        appId: row.app_id,
        actor: ctx.actor,
        action: 'provider_account.test',
        subject: `provider_account:${accountId}`,
        detail: { notification: row.id },
      }),
    metrics,
  );
}
