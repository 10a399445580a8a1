import { type AttemptEnd, type Delivery, UNSTORABLE } from '@carillon/core/notification/attempt-end';
import type { Message } from '@carillon/core/notification/message';
import { failedBefore } from '@carillon/core/provider/breaker';
import { isTransient, sqlFailure } from '@carillon/db/connection/sql-state';
import { unstorableReason } from '@carillon/db/notifications/fail-unstorable';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { render } from '@carillon/services/notifications/render';
import { attach } from './attach.ts';
import { choose } from './choose.ts';
import { claim } from './claim.ts';
import type { Claimed, Step } from './claimed.ts';
import type { DeliveryContext, LaneContext } from './context.ts';
import { endProcess, spanOfCall, startMessageSpan, within } from './delivery-spans.ts';
import { guard } from './guard.ts';
import { lineOf, moveLineOn } from './ordering.ts';
import { permit } from './permit.ts';
import { record } from './record.ts';
import { refuseUnknownCall } from './refuse-unknown-call.ts';
import { send } from './send.ts';

/**
 * Lane -> provider, in sequence: claim, guard, render, choose, attach, permit, send, record. The input is an untrusted
 * id; the output is a Delivery, a value that describes where the notification stands. Before `send` no provider is
 * called; whatever ends the attempt, `record` writes it. No transaction is open across a step.
 *
 * A chunk of a hundred notifications is a hundred of these at once: claims and records made in the same turn of the
 * event loop share one statement (group commit), so one path serves both.
 *
 * @param published the traceparent of the job; undefined if it has none.
 */
export async function deliver(ctx: LaneContext, id: string, published?: string): Promise<Delivery> {
  const { seams } = ctx;
  const takenAt = Date.now();
  await seams.at('job taken', { id });
  const claiming = await claim(ctx, id);
  if (!claiming.ok) {
    await moveLineOn(ctx, claiming.line, claiming.delivery);
    return claiming.delivery;
  }
  const { claimed } = claiming;
  await seams.at('claimed', { id });
  const span = startMessageSpan('process', claimed, takenAt, published);
  const held: Held = { detach: () => {} };
  let end: AttemptEnd | undefined;
  let delivery: Delivery | undefined;
  try {
    return await within(span, async () => {
      const ready = await prepare(ctx, claimed, held);
      end = ready.ok ? await call(ctx, claimed, ready) : ready.end;
      await seams.at('attempt ended', { id, end });
      delivery = await record(ctx, claimed, end);
      await seams.at('recorded', { id, end });
      await moveLineOn(ctx, lineOf(claimed), delivery);
      return delivery;
    });
  } finally {
    held.detach();
    if (span) endProcess(span, end, delivery);
  }
}

/** This delivery's part of the shared memory limit: held until its outcome is recorded, because the message is. */
interface Held {
  detach(): void;
}

/** A call that may be made now. */
export interface Ready {
  message: Message;
  account: RegisteredAccount;
  /** Releases the call slot of the account. */
  leave(): void;
}

/** Everything before the call. An exception in a step ends the attempt: certainly nothing was sent. */
async function prepare(ctx: LaneContext, claimed: Claimed, held: Held): Promise<Step<Ready>> {
  const { id } = claimed;
  let asksLimiter = false;
  try {
    const guarded = await guard(ctx, claimed);
    if (!guarded.ok) return guarded;

    const rendered = await render(ctx, claimed, guarded.compose);
    if (!rendered.ok) return rendered;

    const chosen = await choose(ctx, claimed, rendered.message);
    if (!chosen.ok) return chosen;
    const { account } = chosen;
    await ctx.seams.at('account chosen', { id, account });

    const unknown = await refuseUnknownCall(ctx, claimed, account, rendered.message);
    if (unknown) return { ok: false, end: unknown };

    const attached = await attach(ctx, claimed, rendered.message);
    if (!attached.ok) return attached;
    held.detach = attached.detach;

    asksLimiter = true;
    const permitted = await permit(ctx, claimed, account);
    if (!permitted.ok) return permitted;
    await ctx.seams.at('permitted', { id, account });
    return { ok: true, account, message: attached.message, leave: permitted.leave };
  } catch (error) {
    ctx.onError(error, id);
    return { ok: false, end: endOfBrokenStep(error, asksLimiter) };
  }
}

/**
 * The call, counted by the breaker of its account also while it is unanswered. From here on only the provider has the
 * outcome.
 */
export async function call(
  ctx: DeliveryContext,
  claimed: Claimed,
  { account, message, leave }: Ready,
): Promise<AttemptEnd> {
  const { id } = claimed;
  try {
    const counted = ctx.breakers.began(account.id, { id, failedBefore: failedBefore(claimed, account.id) });
    const end = await spanOfCall(account, () => send(ctx, claimed, message, account));
    counted.ended(end.kind === 'answered' ? end.outcome : null);
    return end;
  } finally {
    leave();
  }
}

/** A failure in a step before the call (PostgreSQL away) leaves no doubt: the claim is given back. */
const BROKEN_STEP_MS = 2000;
/** Waits between the tries of a message that hits a defect in Carillon, in seconds: 43 minutes in all. */
const DEFECT_SCHEDULE = [2, 10, 30, 120, 600, 1800] as const;

/**
 * What an exception in a step means: nothing was sent. While a server is away it costs nothing and the step is retried.
 * What PostgreSQL refuses once it refuses again: that ends the message. Anything else is a defect in Carillon, which an
 * operator or the next release may fix: it costs a try each time, and ends with a schedule of its own.
 *
 * @param asksLimiter the step was the permit, which queries Redis and does not depend on the message.
 */
export function endOfBrokenStep(error: unknown, asksLimiter: boolean): AttemptEnd {
  if (sqlFailure(error) === 'data')
    return {
      kind: 'impossible',
      code: UNSTORABLE,
      reason: unstorableReason('what it needs to be sent', error),
    };
  if (asksLimiter || isTransient(error))
    return { kind: 'unsent', retryInMs: BROKEN_STEP_MS, reason: 'a step before the call could not be made' };
  const name = error instanceof Error ? error.name : typeof error;
  const reason = `a step before the call failed (${name}); the worker's log has the details`;
  return { kind: 'unready', code: 'internal', reason, schedule: DEFECT_SCHEDULE };
}
