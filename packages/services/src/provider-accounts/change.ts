import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { changeProviderAccount as changeRow } from '@carillon/db/provider-accounts/change-provider-account';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import type { ActorContext } from '../context.ts';
import { noSuchAccount } from './verify.ts';

/** The fields of an account that can change without its settings and credentials. */
export type AccountPlace = Partial<
  Pick<ProviderAccountRow, 'environments' | 'enabled' | 'position' | 'weight' | 'ratePerSecond' | 'prefixes'>
>;

/**
 * Enables, disables, reorders or limits a provider account: only the given fields change. Returns when nothing is sent
 * by the previous version of the account any more.
 *
 * @throws ProblemError 404.
 */
export async function changeProviderAccount(
  { db, actor }: ActorContext,
  { id, change }: { id: string; change: AccountPlace },
): Promise<ProviderAccountRow> {
  const changed = await changeRow(db, id, (before) => before && { ...before, ...change }, actor);
  if (changed === null) throw noSuchAccount(id);
  await untilObeyed();
  return changed.account;
}
