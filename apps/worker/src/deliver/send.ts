import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { FACTS_HOLD_MS } from '@carillon/core/notification/facts-hold';
import { isTooLate } from '@carillon/core/notification/judge';
import type { Message } from '@carillon/core/notification/message';
import type { Outcome } from '@carillon/core/provider/outcome';
import { attemptId } from '@carillon/core/text/ids';
import { storableOutcome } from '@carillon/core/text/outside-text';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { failureOutcome, LeaseOver } from '@carillon/providers/outcome/call-failure';
import type { Claimed } from './claimed.ts';
import type { DeliveryContext } from './context.ts';
import { lookOnceMore } from './last-look.ts';

/**
 * The send step: one provider call with a deadline of Carillon's own. Where an account is allowed to be slow (a mail
 * server that greets late), opening the connection has a time limit of its own, in which nothing is written, and the
 * deadline begins with the message. Any exception of an adapter is a bug, and a doubt. A call whose lease is over is
 * not made; the adapter checks once more immediately before it writes, and preferences that changed meanwhile are read
 * then. A call that still waits for its connection when the process stops is given up as well.
 */
export async function send(
  ctx: DeliveryContext,
  claimed: Claimed,
  message: Message,
  account: RegisteredAccount,
): Promise<AttemptEnd> {
  const { leases, clock, sendTimeoutMs: timeoutMs } = ctx;
  const startedAt = performance.now();
  // It may have waited too long for a permit.
  if (isTooLate(claimed, clock.now())) return TOO_LATE;
  leases.hold(claimed);
  /** Why the call is not written after all. */
  const refused: { end: AttemptEnd | null } = { end: null };
  const outcome = leases.stands(claimed) ? await callOnce() : givenUp();
  if (refused.end !== null && isUnwritten(outcome)) return refused.end;
  const latencyMs = Math.round(performance.now() - startedAt);
  return { kind: 'answered', outcome, account, latencyMs, message };

  function givenUp(): Outcome {
    return failureOutcome(account.id, new LeaseOver(), 'started');
  }

  async function callOnce(): Promise<Outcome> {
    const deadline = new AbortController();
    let mayBeWritten = false;
    let tookBack = false;
    let knownAt = claimed.knownAt ?? Number.NEGATIVE_INFINITY;
    let asking: Promise<void> | null = null;
    const stop = leases.whenForbidden(() => {
      if (mayBeWritten) return;
      tookBack = true;
      deadline.abort(new LeaseOver());
    });
    const { startMs = 0, answerMs = 0 } = account.adapter.patience ?? {};
    const abortAfter = (ms: number): NodeJS.Timeout =>
      setTimeout(() => {
        if (asking) refused.end ??= UNANSWERED;
        deadline.abort(new Error(`no answer within ${ms} ms`));
      }, ms);
    let timer = abortAfter(startMs + timeoutMs);

    const ask = async (): Promise<void> => {
      const { end, asOf } = await lookOnceMore(ctx, claimed, message);
      refused.end ??= end;
      knownAt = asOf;
      asking = null;
    };
    const mayWrite = (): boolean | Promise<void> => {
      if (isTooLate(claimed, clock.now())) refused.end ??= TOO_LATE;
      if (!ctx.accounts.includes(account)) refused.end ??= retired(account);
      if (refused.end !== null || deadline.signal.aborted || !leases.stands(claimed)) return false;
      if (performance.now() - knownAt >= FACTS_HOLD_MS) {
        asking ??= ask();
        return asking;
      }
      const yes = leases.mayWrite(claimed);
      if (yes && !mayBeWritten && startMs > 0) {
        clearTimeout(timer);
        timer = abortAfter(Math.max(timeoutMs, answerMs));
      }
      mayBeWritten ||= yes;
      return yes;
    };
    try {
      const call = account.adapter.send(message, {
        notificationId: claimed.id,
        priority: claimed.priority,
        attemptId: attemptId(claimed.id, claimed.attempt_count),
        signal: deadline.signal,
        ...(claimed.expires_at ? { expiresAt: claimed.expires_at } : {}),
        now: () => clock.now(),
        mayWrite,
      });
      const [answered] = await Promise.all([call, ctx.seams.at('called', { id: claimed.id })]);
      const outcome = storableOutcome(answered);
      return tookBack && isUnwritten(outcome) ? givenUp() : outcome;
    } catch (error) {
      // The request may have been written before the bug struck: only `in_doubt` is correct.
      const doubt = {
        class: 'in_doubt',
        code: 'adapter_threw',
        message: String(error),
        phase: 'written',
      } as const;
      return storableOutcome(doubt);
    } finally {
      stop();
      clearTimeout(timer);
    }
  }
}

const isUnwritten = (outcome: Outcome): boolean =>
  outcome.class === 'transient' && outcome.phase === 'started';

const TOO_LATE: AttemptEnd = { kind: 'too_late' };

/** PostgreSQL was too slow; the provider is not at fault. */
const UNANSWERED: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 1000,
  reason: "the recipient's wishes were not answered in time",
};

const retired = ({ id }: RegisteredAccount): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: 0,
  reason: `the provider account ${id} was changed or taken out of use before it could be sent`,
});
