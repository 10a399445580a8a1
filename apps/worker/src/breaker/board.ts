import type { Breaker } from '@carillon/core/breaker';
import { CHANNELS, type Channel } from '@carillon/core/channel';

/**
 * What a channel can hope for: `free` some account takes calls, `trial` only half-open ones do, `none` all are open. A
 * channel without accounts is free: that its messages have nowhere to go is not a breaker's business.
 */
export type Standing = 'free' | 'trial' | 'none';

/** The breakers of this process's accounts as they were last read: what deliveries look at, without I/O. */
export interface Board {
  get(account: string): Breaker | undefined;
  standing(channel: Channel): Standing;
  /** @returns those that entered another state (or the same one anew) since the last time. */
  set(rows: readonly Breaker[]): Breaker[];
  halfOpen(): string[];
}

/** @param accountsNow asked again at every look: accounts come and go while the process runs. */
export function createBoard(accountsNow: () => readonly { id: string; channel: Channel }[]): Board {
  const breakers = new Map<string, Breaker>();
  const standings = new Map<Channel, Standing>();

  const standingOf = (channel: Channel): Standing => {
    // An account nobody has heard of yet is taken for good: a worker that starts must not wait for a first look.
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
