import type { Sign } from '@carillon/core/breaker';

/**
 * The trial calls of accounts whose breaker is half-open, in this process: one at a time until one has succeeded, then
 * two, never more than a few a second, none after one that failed. A permit belongs to a notification and is held until
 * its delivery has ended. No I/O.
 */
export interface Trials {
  /** Takes a permit for this notification's call, or says that none is free. Holding one already is enough. */
  take(account: string, notification: string, now: number): boolean;
  /** The delivery has ended: its permit is free. @returns whether it had one. */
  leave(notification: string): boolean;
  /** What a trial call came to. */
  learn(account: string, sign: Sign): void;
  /** The account's breaker changed its state. */
  reset(account: string): void;
}

const IN_FLIGHT = 2;
const EVERY_MS = 200;

interface Account {
  holders: Set<string>;
  atATime: number;
  nextAt: number;
}

export function createTrials(): Trials {
  const accounts = new Map<string, Account>();
  const holding = new Map<string, Account>();
  const accountOf = (id: string): Account => {
    const account = accounts.get(id) ?? { holders: new Set(), atATime: 1, nextAt: Number.NEGATIVE_INFINITY };
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
      if (account.holders.size >= account.atATime || now < account.nextAt) return false;
      leave(notification);
      account.holders.add(notification);
      account.nextAt = now + EVERY_MS;
      holding.set(notification, account);
      return true;
    },
    leave,
    learn(id, sign) {
      const account = accounts.get(id);
      if (!account) return;
      if (sign === 'failure') account.atATime = 0;
      // A failure ends the trial: a success that was on its way with it does not begin it anew.
      else if (sign === 'success' && account.atATime > 0) account.atATime = IN_FLIGHT;
    },
    reset(id) {
      accounts.delete(id);
    },
  };
}
