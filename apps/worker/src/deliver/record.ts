import {
  type AttemptEnd,
  type Called,
  type CalledAccount,
  type Delivery,
  type Ending,
  isUncalled,
  stuckReason,
  UNSTORABLE,
  type Uncalled,
} from '@carillon/core/notification/attempt-end';
import { deliveryAfter, nextState, withoutTexts } from '@carillon/core/notification/next-state';
import { noteLateAnswer } from '@carillon/db/attempts/late-answers';
import { isMembersFault } from '@carillon/db/connection/group-statements';
import { failUnstorable, unstorableReason } from '@carillon/db/notifications/fail-unstorable';
import { fallbackFor } from './choose.ts';
import type { Claimed } from './claimed.ts';
import type { DeliveryContext } from './context.ts';
import { reportEnding, reportRelease } from './report.ts';
import { retryWrite } from './retry-write.ts';

/**
 * The record step: how an attempt ended becomes a state, guarded by the lease. Endings made together share one
 * statement. An outcome that moved nothing (the lease was lost) is journalled and left to the current holder of the
 * row; if that is the resolver, because rescue has turned the attempt into a doubt, the late answer is the evidence
 * that settles it.
 */
export async function record(ctx: DeliveryContext, claimed: Claimed, how: AttemptEnd): Promise<Delivery> {
  try {
    if (isUncalled(how)) return await release(ctx, claimed, how);
    if (how.kind === 'answered' && wasNotWritten(how)) {
      const unsent = { kind: 'unsent', ...ctx.leases.refusal() } as const;
      return await release(ctx, claimed, unsent, how.account);
    }
    return await end(ctx, claimed, how);
  } finally {
    ctx.leases.letGo(claimed);
  }
}

async function release(
  { sql, groups, report, onError }: DeliveryContext,
  claimed: Claimed,
  how: Uncalled,
  account?: CalledAccount,
): Promise<Delivery> {
  const unsent = nextState(claimed, how);
  try {
    if (await retryWrite(() => groups.release(unsent), KEEP_TRYING_MS)) {
      reportRelease(report, claimed, unsent);
      const isStopped = how.kind === 'unsent' && how.originStopped === true;
      const settled = isStopped ? await groups.settleStopped(claimed.id).catch(onError) : null;
      return settled ?? deliveryAfter(unsent);
    }
  } catch (error) {
    if (!isMembersFault(error)) throw error;
    onError(error, claimed.id);
    const reason = unstorableReason(`its way to "${unsent.state}"`, error);
    if (await retryWrite(() => failUnstorable(sql, claimed, reason, report.entered), KEEP_TRYING_MS))
      return { now: 'stuck', reason: stuckReason('failed', UNSTORABLE) };
  }
  const { id, attempt_count: n, expectedProvider } = claimed;
  const given = {
    provider: account?.id ?? expectedProvider,
    outcome: 'transient',
    errorCode: 'lease_over',
  } as const;
  await retryWrite(() => noteLateAnswer(sql, { id, n }, { id, n, ...given }), KEEP_TRYING_MS);
  return lookAgain();
}

async function end(ctx: DeliveryContext, claimed: Claimed, how: Called): Promise<Delivery> {
  const answeredAt = performance.now();
  const isRefused = how.kind === 'answered' && how.outcome.class !== 'accepted';
  const fallback = isRefused ? fallbackFor(ctx, claimed, how.message, how.account.id) : {};
  const ending = nextState(claimed, how, Math.random(), fallback);
  ctx.onOutcome(ending);
  if (await recorded(ctx, ending)) {
    reportEnding(ctx.report, claimed, ending, answeredAt);
    return deliveryAfter(ending);
  }
  // An answer that is itself in doubt is no evidence.
  if (ending.outcome !== 'in_doubt')
    await retryWrite(() => noteLateAnswer(ctx.sql, ending, null), KEEP_TRYING_MS);
  return lookAgain();
}

/** The outcome of a call must not be lost because of the text that came with it. */
async function recorded(ctx: DeliveryContext, ending: Ending): Promise<boolean> {
  try {
    return await store(ctx, ending);
  } catch (error) {
    if (!isMembersFault(error)) throw error;
    ctx.onError(error, ending.id);
    return store(ctx, withoutTexts(ending, unstorableReason('what came with the answer', error)));
  }
}

/** @returns whether the state moved; if not, the lease was lost and the outcome is in the journal. */
async function store({ groups }: DeliveryContext, ending: Ending): Promise<boolean> {
  const stored = await retryWrite(() => groups.record(ending), KEEP_TRYING_MS);
  if (stored !== 'late') return stored === 'moved';
  return (await retryWrite(() => groups.journal(ending), KEEP_TRYING_MS)) === 'moved';
}

/** Given up by Carillon immediately before the first byte: no attempt was made. */
function wasNotWritten({ outcome }: Extract<AttemptEnd, { kind: 'answered' }>): boolean {
  return outcome.class === 'transient' && outcome.code === 'lease_over' && outcome.phase === 'started';
}

/**
 * An answer is kept for as long as PostgreSQL may be away, also long after the lease has expired: it settles the doubt.
 * While it is kept the notification counts as in hand, and a process at its limit takes nothing new.
 */
const KEEP_TRYING_MS = 10 * 60_000;

/** The row has another holder now (rescue turned it into a doubt): the job looks once more. */
const lookAgain = (): Delivery => ({ now: 'waiting', inMs: 1000 });
