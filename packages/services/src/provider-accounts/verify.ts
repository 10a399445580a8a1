import type { KeyRing } from '@carillon/core/notification/envelope';
import { ProblemError } from '@carillon/core/text/problem';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { verifyAccount } from '@carillon/providers/accounts/verify-account';
import type { Probe } from '@carillon/providers/contract';
import type { ServiceContext } from '../context.ts';

/**
 * Verifies the credentials of an account with its provider: one cheap request that sends nothing.
 *
 * @param input.allowPrivate WEBHOOKS_ALLOW_PRIVATE: addresses in private networks are called too.
 * @param input.asking wraps the call of the provider, which takes up to 10 s: a shorter deadline of the request is
 *   suspended for this call only.
 * @throws ProblemError 404.
 */
export async function verifyProviderAccount(
  { db }: Pick<ServiceContext, 'db'>,
  input: {
    id: string;
    ring: KeyRing;
    allowPrivate: boolean;
    asking?: (question: Promise<Probe>) => Promise<Probe>;
  },
): Promise<Probe> {
  const row = await findProviderAccount(db, input.id);
  if (row === null) throw noSuchAccount(input.id);
  const question = verifyAccount(input.ring, row, input.allowPrivate);
  return input.asking === undefined ? question : input.asking(question);
}

export function noSuchAccount(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no provider account ${JSON.stringify(id.slice(0, 64))}. GET /v1/provider-accounts and "carillon-admin provider list" list them.`,
  );
}
