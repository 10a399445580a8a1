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

/** The permit step. Accounts without a limit pass without a wait. */
export function createPermit(limiter: Limiter): Steps['permit'] {
  return async (claimed, account) => {
    if (account.ratePerSecond === undefined) return { ok: true };
    const answer = await limiter.permit(account, claimed.priority, MAX_WAIT_MS[claimed.priority]);
    if (answer.granted) return { ok: true };
    const reason = `waits for the rate limit of ${account.id} (${account.ratePerSecond}/s)`;
    return { ok: false, end: { kind: 'unsent', retryInMs: answer.retryInMs, reason } };
  };
}
