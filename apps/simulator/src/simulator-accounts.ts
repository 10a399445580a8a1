import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import { SIMULATED } from './simulated.ts';
import { SIMULATED_ACCOUNT, type SimulatorAddress } from './simulated-provider.ts';

/**
 * Accounts of every provider, all connected to the simulator, for `npm start`, tests and benchmarks. Keys are generated
 * here and not used anywhere else.
 */
export function simulatorAccounts(address: SimulatorAddress): AccountSettings[] {
  const accounts = SIMULATED.flatMap((provider) => provider.accounts(address));
  return [...accounts, { id: 'inbox', provider: 'inbox', ...SIMULATED_ACCOUNT }];
}
