import type { BreakerRow } from '@carillon/db/breakers/breakers';
import { releaseBreaker as releaseRow } from '@carillon/db/breakers/hold';
import type { ActorContext } from '../context.ts';
import { noSuchBreaker } from './hold.ts';

/**
 * Returns a held breaker to automatic operation; one that is not held is left unchanged.
 *
 * @throws ProblemError 404 if no worker has entered such an account.
 */
export async function releaseBreaker(
  { db, actor }: ActorContext,
  { account, reason }: { account: string; reason: string | undefined },
): Promise<BreakerRow> {
  const row = await releaseRow(db, account, reason, actor);
  if (row === null) throw noSuchBreaker(account);
  return row;
}
