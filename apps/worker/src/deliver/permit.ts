import type { AttemptEnd, Uncalled } from '@carillon/core/notification/attempt-end';
import type { Priority } from '@carillon/core/notification/priority';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Claimed, Step } from './claimed.ts';
import type { DeliveryContext } from './context.ts';

/** A longer wait gives the worker's slot back: the job is delayed and no attempt is spent. */
const MAX_WAIT_MS: Readonly<Record<Priority, number>> = { critical: 2000, normal: 500, bulk: 500 };

/** Longer than most calls take: by then the slot it waited for has gone to another call. */
const PLACE_RETRY_MS = 1000;

/**
 * The permit step: first a call slot of the account, then a permit under its rate, so that a permit is used when it is
 * given. Waiting for either costs nothing, and no deadline runs. A delivery that waited while the breaker opened is not
 * sent into the outage. Accounts without a rate pass without a permit.
 *
 * @returns `leave` releases the slot, as soon as the call is over.
 */
export async function permit(
  ctx: DeliveryContext,
  { priority }: Pick<Claimed, 'priority'>,
  account: ProviderAccount,
): Promise<Step<{ leave(): void }>> {
  const { breakers, stopping: signal, accountWaitMs: timeoutMs } = ctx;
  if (signal.aborted) return no(STOPPED);
  // Already open, and chosen nevertheless: the choice was deliberate.
  const wasOpen = breakers.isOpen(account.id);
  const leave = await ctx.accountLimits.of(account).acquire({ priority, timeoutMs, signal });
  if (!leave) return no(signal.aborted ? STOPPED : crowded(account));
  try {
    const end =
      !wasOpen && breakers.isOpen(account.id) ? broken(account) : await limited(ctx, priority, account);
    if (end === null) return { ok: true, leave };
    leave();
    return no(end);
  } catch (error) {
    leave();
    throw error;
  }
}

async function limited(
  { limiter, report, stopping }: DeliveryContext,
  priority: Priority,
  account: ProviderAccount,
): Promise<AttemptEnd | null> {
  if (account.ratePerSecond === undefined) return null;
  const askedAt = performance.now();
  const answer = await orStop(limiter.permit(account, priority, MAX_WAIT_MS[priority]), stopping);
  if (answer === null) return STOPPED;
  report.permit(account.id, (performance.now() - askedAt) / 1000, answer.granted);
  if (answer.granted) return null;
  const reason = `waits for the rate limit of ${account.id} (${account.ratePerSecond}/s)`;
  return { kind: 'unsent', retryInMs: answer.retryInMs, reason };
}

const no = (end: AttemptEnd) => ({ ok: false, end }) as const;

const crowded = ({ id }: ProviderAccount): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: PLACE_RETRY_MS,
  reason: `waits for a free connection to ${id}`,
});

const broken = ({ id }: ProviderAccount): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: PLACE_RETRY_MS,
  reason: `the breaker of ${id} has opened`,
});

/** How an attempt ends when the process stops before its call. */
export const STOPPED: Uncalled = {
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
