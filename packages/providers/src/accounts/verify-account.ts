import type { KeyRing } from '@carillon/core/notification/envelope';
import type { Probe } from '../contract.ts';
import { type NameResolver, names } from '../http/name-resolver.ts';
import { inPublicOnly } from '../http/public-reach.ts';
import { decryptAccount, type StoredAccount } from './account-encryption.ts';
import { hostOutsideOfPublic } from './account-hosts.ts';
import { buildAccounts } from './registry.ts';

const TIMEOUT_MS = 10_000;
/** The result for an account that was not called. */
export const NOT_ASKED =
  'its address leads to no public network, and is not asked: name the account in PROVIDERS_FILE, or set WEBHOOKS_ALLOW_PRIVATE=true';
const PRIVATE: Probe = { healthy: false, why: NOT_ASKED };

/**
 * Checks with the provider whether an account's credentials are valid: one cheap request that sends nothing. A provider
 * without one (Web Push, an inbox) counts as healthy if its settings are usable.
 *
 * An address in a private network is not called, and the result is the same whatever is there: otherwise every user who
 * may change accounts could probe the network of this machine. PROVIDERS_FILE may name any address.
 *
 * @param allowPrivate WEBHOOKS_ALLOW_PRIVATE.
 * @param resolver of names; defaults to the system's.
 * @returns after 10 s at most, also for an account that cannot be opened or built: `why` is the readable reason.
 */
export async function verifyAccount(
  ring: KeyRing,
  row: StoredAccount,
  allowPrivate: boolean,
  resolver: Pick<NameResolver, 'resolve'> = names,
): Promise<Probe> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const settings = decryptAccount(ring, row);
    const anywhere = allowPrivate || row.managedBy === 'file';
    const ask = async (): Promise<Probe> => {
      const [account] = await buildAccounts([settings], { storeInboxMessage: async () => true });
      const { adapter } = account!;
      try {
        return (await adapter.probe?.(signal)) ?? { healthy: true };
      } finally {
        await adapter.close();
      }
    };
    if (anywhere) return await ask();
    if ((await hostOutsideOfPublic(settings, signal, resolver)) !== undefined) return PRIVATE;
    // A name may have another address by now, or at the next query.
    const { result, refused } = await inPublicOnly(ask, resolver);
    return refused ? PRIVATE : result;
  } catch (error) {
    return { healthy: false, why: (error as Error).message };
  }
}
