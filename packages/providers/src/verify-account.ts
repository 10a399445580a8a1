import type { KeyRing } from '@carillon/core/envelope';
import type { Probe } from './contract.ts';
import { type AccountRow, openAccount } from './sealed-account.ts';

const TIMEOUT_MS = 10_000;

/**
 * Asks the provider whether an account's credentials are good: one cheap question that sends nothing. A provider that has
 * none (Web Push, an inbox) counts as healthy when its settings can be used.
 *
 * @returns after 10 s at most, also for an account that cannot be opened or built: `why` says what is wrong, for people.
 */
export async function verifyAccount(ring: KeyRing, row: AccountRow): Promise<Probe> {
  // The providers' SDKs cost 50 MB and half a second: a process that is never asked this does not load them.
  const { buildAccounts } = await import('./registry.ts');
  try {
    const [account] = await buildAccounts([openAccount(ring, row)], { storeInboxMessage: async () => {} });
    const { adapter } = account!;
    try {
      return (await adapter.probe?.(AbortSignal.timeout(TIMEOUT_MS))) ?? { healthy: true };
    } finally {
      await adapter.close();
    }
  } catch (error) {
    return { healthy: false, why: (error as Error).message };
  }
}
