import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { Breaker } from '@carillon/core/provider/breaker';

/**
 * What a channel can expect: `free`: some account takes calls; `trial`: only half-open accounts do; `none`: all
 * breakers are open. A channel without accounts is free: missing accounts are not the concern of breakers.
 */
export type Standing = 'free' | 'trial' | 'none';

/** The breakers of this process's accounts as last read. Deliveries look here, without I/O. */
export interface KnownBreakers {
  get(account: string): Breaker | undefined;
  standing(channel: Channel): Standing;
  /** @returns those that entered another state, or entered the same one again, since the last call. */
  set(rows: readonly Breaker[]): Breaker[];
  halfOpen(): string[];
}

/** @param accountsNow called at every look: accounts are added and removed while the process runs. */
export function createKnownBreakers(
  accountsNow: () => readonly { id: string; channel: Channel }[],
): KnownBreakers {
  const breakers = new Map<string, Breaker>();
  const standings = new Map<Channel, Standing>();

  const standingOf = (channel: Channel): Standing => {
    // An account without a breaker state counts as closed: a worker that starts must not wait for the first read.
    const states = accountsNow()
      .filter((account) => account.channel === channel)
      .map(({ id }) => breakers.get(id)?.state ?? 'closed');
    if (states.length === 0 || states.includes('closed')) return 'free';
    return states.includes('half_open') ? 'trial' : 'none';
  };

  return {
    get: (account) => breakers.get(account),
    standing: (channel) => standings.get(channel) ?? 'free',
    set(rows) {
      const known = new Set(accountsNow().map(({ id }) => id));
      const changed = rows.filter((row) => {
        const last = breakers.get(row.account);
        const same = last?.state === row.state && last.changedAt.getTime() === row.changedAt.getTime();
        return known.has(row.account) && !same;
      });
      for (const row of rows) if (known.has(row.account)) breakers.set(row.account, row);
      for (const channel of CHANNELS) standings.set(channel, standingOf(channel));
      return changed;
    },
    halfOpen: () =>
      [...breakers.values()].filter(({ state }) => state === 'half_open').map((row) => row.account),
  };
}
