import type { Priority } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { AbleAccounts } from '../../deliver/able-accounts.ts';
import type { CategoryBook } from '../../deliver/category-settings.ts';
import type { Leases } from '../../deliver/leases.ts';
import type { Steps } from '../../deliver/steps.ts';

/** How a doubt was settled, or whose it is now: the label of the metric, and `how` in the journal. */
export type Settlement =
  /** The same call again, and its answer. */
  | 'repeated'
  /** Evidence that the provider has it. */
  | 'found'
  /** Sent again: it was refused, it is absent, the copy replaces the first, or the policy says so. */
  | 'refused'
  | 'absent'
  | 'replaced'
  | 'policy'
  | 'held'
  | 'gave_up';

export interface ResolveDeps {
  sql: Sql;
  accounts: readonly ProviderAccount[];
  /** As `choose` asks: environment, region, the account the message names. */
  ableAccounts: AbleAccounts;
  categories: Pick<CategoryBook, 'known' | 'settingsFor'>;
  /** Of an ordinary delivery: a repeat passes the same ones. */
  steps: Pick<Steps, 'guard' | 'render' | 'attach' | 'permit' | 'send' | 'record'>;
  leases: Pick<Leases, 'ms' | 'letGo'>;
  /** May this account be called for this notification now (its circuit breaker)? `left` follows every yes. */
  admits(
    account: string,
    notification: string,
  ): { admitted: true } | { admitted: false; why: string; retryInMs: number };
  left(notification: string): void;
  wake(priority: Priority): void;
  onSettled(how: Settlement): void;
  onError(error: unknown): void;
}
