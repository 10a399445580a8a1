import type { BreakerState } from './breaker.ts';
import { OUTCOME_CLASSES, type OutcomeClass } from './outcome.ts';

/** The calls to an account that ended within some minutes. */
export interface CallsOfAccount {
  outcomes: Readonly<Partial<Record<OutcomeClass, number>>>;
  /** Calls of the last minute. */
  lastMinute: number;
}

/** Whether messages go through an account, as operators say it. */
export const ACCOUNT_USES = ['in_use', 'on_trial', 'not_used'] as const;
export type AccountUse = (typeof ACCOUNT_USES)[number];

/** The faults of an account or of its provider; all other answers say that it works, or that a limit is reached. */
const FAULTS: readonly OutcomeClass[] = ['transient', 'in_doubt', 'misconfigured'];
/** They say neither: the account works, and takes no more for now. */
const LIMITS: readonly OutcomeClass[] = ['throttled', 'quota'];

export interface AccountFigures {
  calls: number;
  /** Over the last minute. */
  perSecond: number;
  /** Of the calls that were not limited, those that the account answered as it should; null without any. */
  successRatio: number | null;
  /** The part of its own rate that the last minute used; null without a rate. */
  limitUsed: number | null;
}

/**
 * An answer about one message or one recipient (rejected, an unknown mailbox) is a success of the account: it works. So
 * a list with many wrong addresses does not make a provider look broken.
 */
export function accountFigures(
  { outcomes, lastMinute }: CallsOfAccount,
  ratePerSecond: number | null,
): AccountFigures {
  const count = (classes: readonly OutcomeClass[]) =>
    classes.reduce((sum, each) => sum + (outcomes[each] ?? 0), 0);
  const calls = count(OUTCOME_CLASSES);
  const told = calls - count(LIMITS);
  const perSecond = lastMinute / 60;
  return {
    calls,
    perSecond,
    successRatio: told === 0 ? null : (told - count(FAULTS)) / told,
    limitUsed: ratePerSecond === null ? null : perSecond / ratePerSecond,
  };
}

/** @param breaker null: no worker has registered the account yet. */
export function accountUse(
  enabled: boolean,
  breaker: { state: BreakerState; heldBy: string | null; reason: string | null } | null,
): { use: AccountUse; why: string } {
  if (!enabled) return { use: 'not_used', why: 'it is disabled' };
  if (breaker === null) return { use: 'in_use', why: 'no worker has used it yet' };
  const { state, heldBy, reason } = breaker;
  const because = reason === null ? '' : `: ${reason}`;
  if (state === 'half_open')
    return { use: 'on_trial', why: `a few calls show whether it works again${because}` };
  if (heldBy !== null) {
    const held = state === 'open' ? 'nothing is sent through it' : 'it is used whatever fails';
    return { use: state === 'open' ? 'not_used' : 'in_use', why: `held by hand, ${held}${because}` };
  }
  if (state === 'open')
    return { use: 'not_used', why: `it failed; it is asked until it works again${because}` };
  return { use: 'in_use', why: 'it works' };
}
