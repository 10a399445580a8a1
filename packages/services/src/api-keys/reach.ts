import type { Environment } from '@carillon/core/notification/environment';
import { ProblemError } from '@carillon/core/text/problem';
import { type ApiKey, lockApiKey } from '@carillon/db/apps/api-keys';
import type { TransactionSql } from 'postgres';
import type { ReachContext } from '../context.ts';

/**
 * Whether the actor may have keys of this app and environment. A live key makes live and test keys, a test key only test
 * keys, and neither those of another app.
 *
 * @throws ProblemError 403.
 */
export function assertKeyInReach({ actor, reach }: ReachContext, appId: string, environment: Environment) {
  if (reach.appId !== null && reach.appId !== appId)
    throw new ProblemError(
      'forbidden',
      `${actor} reaches keys of the app ${reach.appId} only. Leave app_id out, or use a key with the scope installation.`,
    );
  if (reach.environment !== null && reach.environment !== environment)
    throw new ProblemError(
      'wrong_environment',
      `${actor} is a ${reach.environment} key and reaches ${reach.environment} keys only. Use a live key with the scope admin.`,
    );
}

/**
 * The key under its lock, if the actor may change it.
 *
 * @throws ProblemError 404 also for keys out of reach, so that ids are not revealed; 403 for a key with more rights
 *   than the actor, who would otherwise gain them by rotating it.
 */
export async function lockKeyInReach(
  { actor, reach }: ReachContext,
  tx: TransactionSql,
  id: string,
): Promise<ApiKey> {
  const key = await lockApiKey(tx, id);
  const isInReach =
    key !== null &&
    (reach.appId === null || reach.appId === key.appId) &&
    (reach.environment === null || reach.environment === key.environment);
  if (!isInReach) throw noSuchKey(id);
  if (reach.appId !== null && key.scopes.includes('installation'))
    throw new ProblemError(
      'forbidden',
      `The API key ${id} has the scope installation, which ${actor} has not. Use a key that has it, or carillon-admin.`,
    );
  return key;
}

export function noSuchKey(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no API key ${JSON.stringify(id.slice(0, 12))}. An id is the 12 characters after "cln_live_" or "cln_test_"; GET /v1/api-keys and "carillon-admin key list" list them.`,
  );
}
