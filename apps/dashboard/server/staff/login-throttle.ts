import { LRUCache } from 'lru-cache';

/** Wrong passwords without a delay, for typing errors. An address may be a whole office behind one router. */
const FREE_FAILURES = { account: 5, address: 20 } as const;
/** A longer wait would let an attacker lock an account by failing on purpose. */
const LONGEST_WAIT_MS = { account: 30_000, address: 15 * 60_000 } as const;
/** An hour without failures resets the count. */
const FORGET_AFTER_MS = 60 * 60_000;
/** A flood of invented accounts must not exhaust the memory. */
const REMEMBERED = 10_000;

interface Failures {
  count: number;
  lastAt: number;
}

export interface LoginThrottle {
  /** The remaining wait of this account or address in milliseconds; 0 if there is none. */
  waitMs(account: string, address: string): number;
  failed(account: string, address: string): void;
  /** Resets the account. Not the address: one known password would otherwise allow it unlimited guesses at others. */
  succeeded(account: string): void;
}

/**
 * Slows password guessing: after a few free failures each further one doubles the wait, from 1 s, per account and per
 * network address. Unknown accounts count like known ones, so the answer reveals nothing. Each process counts
 * separately: N dashboards allow N times the guesses, which the doubling makes irrelevant.
 *
 * @param now milliseconds; a parameter so that tests need not wait.
 */
export function createLoginThrottle(now: () => number = () => performance.now()): LoginThrottle {
  const byAccount = new LRUCache<string, Failures>({ max: REMEMBERED });
  const byAddress = new LRUCache<string, Failures>({ max: REMEMBERED });

  const waitOf = (kind: 'account' | 'address', failures: Failures | undefined): number => {
    if (!failures || failures.count < FREE_FAILURES[kind]) return 0;
    const doublings = Math.min(failures.count - FREE_FAILURES[kind], 20);
    const wait = Math.min(1000 * 2 ** doublings, LONGEST_WAIT_MS[kind]);
    return Math.max(0, failures.lastAt + wait - now());
  };

  const remember = (failuresOf: LRUCache<string, Failures>, key: string): void => {
    const known = failuresOf.get(key);
    const count = known && now() - known.lastAt < FORGET_AFTER_MS ? known.count + 1 : 1;
    failuresOf.set(key, { count, lastAt: now() });
  };

  return {
    waitMs: (account, address) =>
      Math.max(waitOf('account', byAccount.get(account)), waitOf('address', byAddress.get(address))),
    failed: (account, address) => {
      remember(byAccount, account);
      remember(byAddress, address);
    },
    succeeded: (account) => {
      byAccount.delete(account);
    },
  };
}
