import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { changeProviderAccount as changeRow } from '@carillon/db/provider-accounts/change-provider-account';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import type { ActorContext } from '../context.ts';
import { noSuchAccount } from './verify.ts';

/** The fields of an account that can change without its settings and credentials. */
export type AccountPlace = Partial<
  Pick<ProviderAccountRow, 'environments' | 'enabled' | 'position' | 'weight' | 'ratePerSecond' | 'prefixes'>
>;

/** Refuses a change that starts from another version of the account. */
export type Unchanged = (before: ProviderAccountRow | null) => void;

/**
 * Enables, disables, reorders or limits a provider account: only the given fields change. Returns when nothing is sent
 * by the previous version of the account any more.
 *
 * @param input.unchanged called with the account under its lock; throws if it is not what the change starts from.
 * @throws ProblemError 404, and what `unchanged` throws.
 */
export async function changeProviderAccount(
  { db, actor }: ActorContext,
  input: { id: string; change: AccountPlace; unchanged?: Unchanged | undefined },
): Promise<ProviderAccountRow> {
  const { id, change, unchanged } = input;
  const made = (before: ProviderAccountRow | null) => {
    if (before === null) return null;
    unchanged?.(before);
    return { ...before, ...change };
  };
  const changed = await changeRow(db, id, made, actor);
  if (changed === null) throw noSuchAccount(id);
  await untilObeyed();
  return changed.account;
}
