import type { KeyScope } from '@carillon/core/access/access';
import type { Environment } from '@carillon/core/notification/environment';
import { ProblemError } from '@carillon/core/text/problem';
import { type ApiKey, lockApiKey } from '@carillon/db/apps/api-keys';
import type { TransactionSql } from 'postgres';
import type { GivingContext, ReachContext } from '../context.ts';

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

/** @throws ProblemError 403 for a scope that the actor does not have. */
export function assertMayGive({ actor, mayGive }: GivingContext, scopes: readonly KeyScope[]): void {
  const missing = scopes.filter((scope) => !mayGive(scope));
  if (missing.length > 0)
    throw new ProblemError(
      'forbidden',
      `${actor} has not the scope ${missing.join(', ')} and cannot give it to a key. Leave it out, or have the key made by somebody who has it.`,
    );
}

/**
 * The key under its lock, if the actor may change it.
 *
 * @throws ProblemError 404 also for keys out of reach, so that ids are not revealed; 403 for a key with more rights
 *   than the actor, who would otherwise gain them by rotating it.
 */
export async function lockKeyInReach(ctx: GivingContext, tx: TransactionSql, id: string): Promise<ApiKey> {
  const { actor, reach } = ctx;
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
  assertMayGive(ctx, key.scopes as KeyScope[]);
  return key;
}

export function noSuchKey(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no API key ${JSON.stringify(id.slice(0, 12))}. An id is the 12 characters after "cln_live_" or "cln_test_"; GET /v1/api-keys and "carillon-admin key list" list them.`,
  );
}
