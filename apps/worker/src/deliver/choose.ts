import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { Message } from '@carillon/core/notification/message';
import {
  type CarriedMessage,
  type Fallback,
  fallbackAfter,
  pick,
  rank,
  withoutAccount,
} from '@carillon/core/provider/rank';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { Claimed, Step } from './claimed.ts';
import type { DeliveryContext, LaneContext } from './context.ts';

/**
 * The choose step: the first account, in the order of core/rank, whose breaker lets the message through. The attempt
 * row names it before it is called.
 */
export async function choose(
  ctx: LaneContext,
  claimed: Claimed,
  message: Message,
): Promise<Step<{ account: RegisteredAccount }>> {
  const ranked = rank(ctx.accounts, carried(claimed, message), claimed.tried, claimed.id);
  const { account, isTrial, refusals } = pick(ranked, ({ id }) => ctx.breakers.admits(id, claimed.id));
  if (!account) return { ok: false, end: withoutAccount(claimed, refusals, Math.random()) };
  // A trial is one call now and then: the next claims should name the account that serves the rest.
  if (!isTrial && !claimed.tried) ctx.expected[claimed.environment] = account.id;
  if (account.id !== claimed.expectedProvider) {
    const { id, attempt_count: n, leaseToken } = claimed;
    const isStillOurs = await ctx.groups.assignProvider({ id, n, leaseToken, provider: account.id });
    if (!isStillOurs) return { ok: false, end: LEASE_LOST };
  }
  return { ok: true, account };
}

const LEASE_LOST: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 1000,
  reason: 'the lease was lost before sending',
};

/** The alternatives for a message that an account did not take; core/next-state decides what follows. */
export function fallbackFor(
  { accounts, breakers, categories }: DeliveryContext,
  claimed: Claimed,
  message: Message,
  refusing: string,
): Fallback {
  const { app_id: appId, environment, category, tried, id } = claimed;
  const ranked = rank(accounts, carried(claimed, message), tried, id);
  const { backoffSeconds } = categories.settingsFor(appId, environment, category);
  const schedule = backoffSeconds ?? undefined;
  return { ...fallbackAfter(ranked, refusing, tried, breakers.isOpen), schedule };
}

export function carried({ environment, options }: Claimed, message: Message): CarriedMessage {
  return { environment, account: options?.account, message };
}
