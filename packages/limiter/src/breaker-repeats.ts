import { repeatPauseMs } from '@carillon/core/notification/doubt';

/**
 * Spaces the resolver's repeats of doubtful calls, by account, in this process. A message that fails at every repeat
 * must crowd out neither first sends nor doubts that can be settled. While repeats succeed, only their number at a time
 * is bounded; after one that failed again they come one a second until one succeeds. First repeats are not held back by
 * that: most doubts end with them. No I/O; times are milliseconds of a monotonic clock.
 */
export interface Repeats {
  take(account: string, notification: string, call: RepeatCall, now: number): Place;
  /** The repeat has ended, or was not made. */
  leave(notification: string): void;
  /** Takes the outcome of a repeat. Calls without a slot here change nothing. */
  learn(account: string, notification: string, succeeded: boolean): void;
}

export interface RepeatCall {
  /** How often the doubt was repeated before. */
  repeats: number;
  /** Whether the account's breaker is half-open. */
  onTrial: boolean;
}

export type Place = { taken: true } | { taken: false; retryInMs: number };

const FIRST_AT_A_TIME = 50;
const LATER_AT_A_TIME = 25;
const EVERY_MS = 1000;
const BUSY_RETRY_MS = 1000;
/** No doubt waits longer than this. */
const LONGEST_QUEUE_MS = 300_000;

interface Account {
  first: Set<string>;
  later: Set<string>;
  isSlow: boolean;
  nextAt: number;
  /** Until when slots are promised to refused callers: they come back one after the other. */
  promisedUntil: number;
}

export function createRepeats(): Repeats {
  const accounts = new Map<string, Account>();
  const holding = new Map<string, Set<string>>();
  const accountOf = (id: string): Account => {
    const account = accounts.get(id) ?? {
      first: new Set(),
      later: new Set(),
      isSlow: false,
      nextAt: Number.NEGATIVE_INFINITY,
      promisedUntil: Number.NEGATIVE_INFINITY,
    };
    accounts.set(id, account);
    return account;
  };

  return {
    take(id, notification, { repeats, onTrial }, now) {
      const isFirst = repeats === 0;
      const account = accountOf(id);
      const { first, later } = account;
      const paced = onTrial || (account.isSlow && !isFirst);
      if (paced && now < account.nextAt) {
        const from = Math.max(account.promisedUntil, account.nextAt - EVERY_MS);
        account.promisedUntil = from + EVERY_MS;
        // A young doubt comes back soon, however many old ones wait: its provider may have recovered by then.
        const retryInMs = Math.min(account.promisedUntil - now, Math.max(repeatPauseMs(repeats), EVERY_MS));
        account.promisedUntil = Math.min(account.promisedUntil, now + LONGEST_QUEUE_MS);
        return { taken: false, retryInMs };
      }
      const [places, atATime] = isFirst ? [first, FIRST_AT_A_TIME] : [later, LATER_AT_A_TIME];
      if (onTrial ? first.size + later.size > 0 : places.size >= atATime)
        return { taken: false, retryInMs: BUSY_RETRY_MS };
      places.add(notification);
      holding.set(notification, places);
      if (onTrial || !isFirst) account.nextAt = now + EVERY_MS;
      return { taken: true };
    },
    leave(notification) {
      holding.get(notification)?.delete(notification);
      holding.delete(notification);
    },
    learn(id, notification, succeeded) {
      if (!holding.has(notification)) return;
      const account = accountOf(id);
      account.isSlow = !succeeded;
      if (succeeded) account.promisedUntil = Number.NEGATIVE_INFINITY;
    },
  };
}
