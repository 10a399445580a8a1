import { setMaxListeners } from 'node:events';
import type { Priority } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Steps } from './steps.ts';

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

/**
 * The permit step. Accounts without a limit pass without a wait.
 *
 * @param stopping aborted when the process stops: whoever waits gives up at once, and nobody passes any more.
 */
export function createPermit(limiter: Limiter, stopping: AbortSignal = NEVER): Steps['permit'] {
  // As many as wait.
  setMaxListeners(0, stopping);
  return async (claimed, account) => {
    if (stopping.aborted) return STOPPED;
    if (account.ratePerSecond === undefined) return { ok: true };
    const asked = limiter.permit(account, claimed.priority, MAX_WAIT_MS[claimed.priority]);
    const answer = await orStop(asked, stopping);
    if (answer === null) return STOPPED;
    if (answer.granted) return { ok: true };
    const reason = `waits for the rate limit of ${account.id} (${account.ratePerSecond}/s)`;
    return { ok: false, end: { kind: 'unsent', retryInMs: answer.retryInMs, reason } };
  };
}

const NEVER = new AbortController().signal;

const STOPPED = {
  ok: false,
  end: { kind: 'unsent', retryInMs: 0, reason: 'the worker stops: given back unsent' },
} as const;

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
