import type { Sign } from '@carillon/core/provider/breaker';

/**
 * The trial calls of accounts whose breaker is half-open, in this process: one at a time until one has succeeded, then
 * two, never more than a few a second, and a pause after one that failed. A permit belongs to a notification and is
 * held until its delivery has ended. No I/O.
 */
export interface Trials {
  /** Takes a permit for this notification's call, or returns that none is free. An existing permit is enough. */
  take(account: string, notification: string, now: number): boolean;
  /** The delivery has ended: its permit is free. @returns whether it had one. */
  leave(notification: string): boolean;
  /** Takes the outcome of a call. One without a permit (a repeat of a doubt) was no trial and changes nothing. */
  learn(account: string, notification: string, sign: Sign, now: number): void;
  /** The account's breaker changed its state. */
  reset(account: string): void;
}

const IN_FLIGHT = 2;
const EVERY_MS = 200;
/** The account is probed meanwhile, and its breaker opens if it is not healthy. */
const AFTER_FAILURE_MS = 5000;
/** Another failure of a message that had failed before is not informative; the next message may be. */
const AFTER_FAILED_AGAIN_MS = 1000;
/** A call in flight for this long counts as failed (`hangsAfterMs`); others need not wait for its end. */
const STUCK_AFTER_MS = 5000;

interface Account {
  /** Notifications with a permit, and since when. */
  holders: Map<string, number>;
  atATime: number;
  nextAt: number;
}

export function createTrials(): Trials {
  const accounts = new Map<string, Account>();
  const holding = new Map<string, Account>();
  const accountOf = (id: string): Account => {
    const account = accounts.get(id) ?? { holders: new Map(), atATime: 1, nextAt: Number.NEGATIVE_INFINITY };
    accounts.set(id, account);
    return account;
  };
  const leave = (notification: string): boolean => {
    holding.get(notification)?.holders.delete(notification);
    return holding.delete(notification);
  };

  return {
    take(id, notification, now) {
      const account = accountOf(id);
      if (account.holders.has(notification)) return true;
      const inFlight = [...account.holders.values()].filter((since) => now - since < STUCK_AFTER_MS).length;
      if (inFlight >= account.atATime || now < account.nextAt) return false;
      leave(notification);
      account.holders.set(notification, now);
      account.nextAt = now + EVERY_MS;
      holding.set(notification, account);
      return true;
    },
    leave,
    learn(id, notification, sign, now) {
      const account = accounts.get(id);
      if (!account?.holders.has(notification)) return;
      if (sign === 'success') account.atATime = IN_FLIGHT;
      if (sign === 'failed_again') account.nextAt = Math.max(account.nextAt, now + AFTER_FAILED_AGAIN_MS);
      if (sign !== 'failure') return;
      account.atATime = 1;
      account.nextAt = now + AFTER_FAILURE_MS;
    },
    reset(id) {
      accounts.delete(id);
    },
  };
}
