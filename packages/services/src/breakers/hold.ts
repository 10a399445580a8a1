import { ProblemError } from '@carillon/core/text/problem';
import type { BreakerRow } from '@carillon/db/breakers/breakers';
import { type Held, holdBreaker as holdRow } from '@carillon/db/breakers/hold';
import type { ActorContext } from '../context.ts';

/**
 * Holds the breaker of a provider account open or closed, regardless of its counts, until it is released or held
 * differently.
 *
 * @param input.reason shown to other staff.
 * @throws ProblemError 404 if no worker has entered such an account.
 */
export async function holdBreaker(
  { db, actor }: ActorContext,
  { account, state, reason }: { account: string; state: Held; reason: string },
): Promise<BreakerRow> {
  const row = await holdRow(db, account, state, reason, actor);
  if (row === null) throw noSuchBreaker(account);
  return row;
}

export function noSuchBreaker(account: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no provider account ${JSON.stringify(account.slice(0, 64))}. Workers enter theirs when they start; GET /v1/breakers lists them.`,
  );
}
