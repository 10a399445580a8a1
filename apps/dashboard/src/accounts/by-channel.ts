import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { BreakerRow } from '@carillon/db/breakers/breakers';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';

/** One provider account with its breaker. */
export interface Entry {
  id: string;
  /** Null for a breaker whose account was removed. */
  account: ProviderAccountRow | null;
  /** Null until a worker has used the account. */
  breaker: BreakerRow | null;
}

export interface ChannelGroup {
  channel: Channel;
  /** In the order in which they are tried, then breakers of removed accounts. */
  entries: Entry[];
}

/**
 * @param accounts as listProviderAccounts sorts them.
 * @returns the channels with accounts, in the product's order.
 */
export function byChannel(
  accounts: readonly ProviderAccountRow[],
  breakers: readonly BreakerRow[],
): ChannelGroup[] {
  const breakerOf = new Map(breakers.map((breaker) => [breaker.account, breaker]));
  const known = new Set(accounts.map(({ id }) => id));
  return CHANNELS.map((channel) => ({
    channel,
    entries: [
      ...accounts
        .filter((account) => account.channel === channel)
        .map((account) => ({ id: account.id, account, breaker: breakerOf.get(account.id) ?? null })),
      ...breakers
        .filter((breaker) => breaker.channel === channel && !known.has(breaker.account))
        .map((breaker) => ({ id: breaker.account, account: null, breaker })),
    ],
  })).filter(({ entries }) => entries.length > 0);
}
