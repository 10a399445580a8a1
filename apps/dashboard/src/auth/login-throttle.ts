/** Wrong passwords that cost nothing: people mistype. An address may be a whole office behind one router. */
const FREE_FAILURES = { account: 5, address: 20 } as const;
/** A longer wait than this would let a stranger lock an account by failing on purpose. */
const LONGEST_WAIT_MS = { account: 30_000, address: 15 * 60_000 } as const;
/** A quiet hour wipes the slate. */
const FORGET_AFTER_MS = 60 * 60_000;
/** A flood of invented accounts must not grow the memory. */
const REMEMBERED = 10_000;

interface Failures {
  count: number;
  lastAt: number;
}

export interface LoginThrottle {
  /** How long this account or address still has to wait, in milliseconds; 0 to go ahead. */
  waitMs(account: string, address: string): number;
  failed(account: string, address: string): void;
  /** Forgives the account. Not the address: one known password would otherwise buy it endless guesses at others. */
  succeeded(account: string): void;
}

/**
 * Slows password guessing: after a few free failures each further one doubles the wait, from 1 s, per account and per
 * network address. Unknown accounts count like known ones, so the answer tells nothing. Each process counts for
 * itself: N dashboards allow N times the guesses, which the doubling makes immaterial.
 *
 * @param now milliseconds; a parameter so that tests need not wait.
 */
export function createLoginThrottle(now: () => number = Date.now): LoginThrottle {
  const byAccount = new Map<string, Failures>();
  const byAddress = new Map<string, Failures>();

  const waitOf = (kind: 'account' | 'address', failures: Failures | undefined): number => {
    if (!failures || failures.count < FREE_FAILURES[kind]) return 0;
    const doublings = Math.min(failures.count - FREE_FAILURES[kind], 20);
    const wait = Math.min(1000 * 2 ** doublings, LONGEST_WAIT_MS[kind]);
    return Math.max(0, failures.lastAt + wait - now());
  };

  const remember = (failuresOf: Map<string, Failures>, key: string): void => {
    const known = failuresOf.get(key);
    const count = known && now() - known.lastAt < FORGET_AFTER_MS ? known.count + 1 : 1;
    // Deleted and set again, so that the map's order is by last failure and its head is the one to forget.
    failuresOf.delete(key);
    failuresOf.set(key, { count, lastAt: now() });
    if (failuresOf.size > REMEMBERED) failuresOf.delete(failuresOf.keys().next().value!);
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
