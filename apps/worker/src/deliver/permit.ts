import { setMaxListeners } from 'node:events';
import type { Priority } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Breakers } from '../breaker/breakers.ts';
import type { Seats } from './seats.ts';
import type { AttemptEnd, Steps } from './steps.ts';

/** Hands out permission to call an account, so that all workers together keep its quota. */
export interface Limiter {
  permit(
    account: ProviderAccount,
    priority: Priority,
    maxWaitMs: number,
  ): Promise<{ granted: true } | { granted: false; retryInMs: number }>;
}

/** A longer wait gives the worker's slot back: the job is delayed and no attempt is spent. */
const MAX_WAIT_MS: Readonly<Record<Priority, number>> = { critical: 2000, normal: 500, bulk: 500 };

/** Longer than most calls take: the seat it waited for is another's by then. */
const SEAT_RETRY_MS = 1000;

export interface PermitOptions {
  limiter: Limiter;
  seats: Seats;
  breakers: Pick<Breakers, 'isOpen'>;
  /** How long a seat is waited for; then the worker's slot is given back, too. */
  seatWaitMs: number;
  /** Aborted when the process stops: whoever waits gives up at once, and nobody passes any more. */
  stopping?: AbortSignal;
}

/**
 * The permit step: first a seat at the account, then a permit under its limit, so that a permit is used in the moment in
 * which it was given. Waiting for either costs nothing, and no deadline runs. Whoever waited while the breaker opened is not
 * sent into the outage. Accounts without a limit pass without a permit.
 */
export function createPermit(options: PermitOptions): Steps['permit'] {
  const { limiter, seats, breakers, seatWaitMs, stopping = NEVER } = options;
  // As many as wait.
  setMaxListeners(0, stopping);
  return async (claimed, account) => {
    if (stopping.aborted) return no(STOPPED);
    // Open already, and chosen all the same: whoever chose it had a reason.
    const wasOpen = breakers.isOpen(account.id);
    const leave = await seats.take(account, claimed.priority, seatWaitMs);
    if (!leave) return no(stopping.aborted ? STOPPED : crowded(account));
    const end = !wasOpen && breakers.isOpen(account.id) ? broken(account) : await limited();
    if (end === null) return { ok: true, leave };
    leave();
    return no(end);

    async function limited(): Promise<AttemptEnd | null> {
      if (account.ratePerSecond === undefined) return null;
      const asked = limiter.permit(account, claimed.priority, MAX_WAIT_MS[claimed.priority]);
      const answer = await orStop(asked, stopping).catch((error: unknown) => {
        leave?.();
        throw error;
      });
      if (answer === null) return STOPPED;
      if (answer.granted) return null;
      const reason = `waits for the rate limit of ${account.id} (${account.ratePerSecond}/s)`;
      return { kind: 'unsent', retryInMs: answer.retryInMs, reason };
    }
  };
}

const no = (end: AttemptEnd) => ({ ok: false, end }) as const;

const crowded = ({ id }: ProviderAccount): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: SEAT_RETRY_MS,
  reason: `waits for a free connection to ${id}`,
});

const broken = ({ id }: ProviderAccount): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: SEAT_RETRY_MS,
  reason: `the breaker of ${id} has opened`,
});

const NEVER = new AbortController().signal;

const STOPPED: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 0,
  reason: 'the worker stops: given back unsent',
};

/** @returns null if the process stops first. */
async function orStop<T>(waiting: Promise<T>, stopping: AbortSignal): Promise<T | null> {
  let onAbort = (): void => {};
  const stopped = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    stopping.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([waiting, stopped]);
  } finally {
    stopping.removeEventListener('abort', onAbort);
  }
}
