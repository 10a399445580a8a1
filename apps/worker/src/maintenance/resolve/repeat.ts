import { randomUUID } from 'node:crypto';
import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { Doubt } from '@carillon/core/notification/doubt';
import { reopenAttempt } from '@carillon/db/attempts/late-answers';
import { acceptDoubt, returnToDoubt } from '@carillon/db/doubts/decisions';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import { writeHistory } from '@carillon/db/notifications/history';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { idempotentRetryEvidence } from '@carillon/providers/outcome/idempotent-retry';
import type { Claimed } from '../../deliver/claimed.ts';
import { call, type Ready } from '../../deliver/deliver.ts';
import { record } from '../../deliver/record.ts';
import type { ResolveContext } from './context.ts';
import { enteredBy, noteOf } from './note.ts';

type Answered = Extract<AttemptEnd, { kind: 'answered' }>;

/** A repeat that settled nothing is not made again sooner than this. */
const AGAIN_MS = 1000;
/** Between the two statements of a key conflict no other resolver should look. */
const BETWEEN_MS = 5000;

/**
 * The same call once more: same attempt, same key, same message. The lease is taken like any other, so that a crash at
 * any point leaves the same doubt, and a late answer changes nothing.
 */
export async function repeat(
  row: DoubtRow,
  facts: Doubt,
  reason: string,
  ready: Ready,
  ctx: ResolveContext,
): Promise<void> {
  const { sql, leases } = ctx;
  const { account } = ready;
  const lease = { token: randomUUID(), ms: leases.ms[row.priority] };
  const leaseEndsAt = performance.now() + lease.ms;
  if (!(await reopenAttempt(sql, row, lease, noteOf(row, facts, 'repeat', reason)))) return;
  const held = { leaseToken: lease.token, leaseEndsAt, isRepeat: true } as const;
  const dueAt = performance.now() - row.due_for * 1000;
  const claimed: Claimed = { ...row, ...held, dueAt, expectedProvider: account.id };
  try {
    const end = await call(ctx, claimed, ready);
    if (end.kind === 'answered') await settle(claimed, end, account, row, facts, ctx);
    else await notMade(claimed, end, row, facts, ctx);
  } finally {
    leases.letGo(claimed);
  }
}

/** Its time was up at the last moment, or no connection came free: the first call is as doubtful as before. */
async function notMade(
  claimed: Claimed,
  end: Exclude<AttemptEnd, Answered>,
  row: DoubtRow,
  facts: Doubt,
  { sql, report }: ResolveContext,
): Promise<void> {
  const why = 'reason' in end && end.reason ? end.reason : 'expires_at has passed';
  const reason = `the same call was not made again after all: ${why}`;
  const unsettled = {
    id: row.id,
    n: row.attempt_count,
    leaseToken: claimed.leaseToken,
    errorCode: end.kind,
    error: reason,
    phase: 'written',
    latencyMs: 0,
    lookInMs: AGAIN_MS,
  } as const;
  if (await returnToDoubt(sql, unsettled, noteOf(row, facts, 'wait', reason)))
    report.entered(enteredBy(row, 'in_doubt'));
}

async function settle(
  claimed: Claimed,
  end: Answered,
  account: RegisteredAccount,
  row: DoubtRow,
  facts: Doubt,
  ctx: ResolveContext,
): Promise<void> {
  const { sql, onSettled } = ctx;
  switch (idempotentRetryEvidence(account.adapter, end.outcome)) {
    case 'accepted': {
      const delivery = await record(ctx, claimed, end);
      if (delivery.now !== 'settled' || delivery.state === 'unknown') return;
      onSettled('repeated');
      const reason = 'settled: asked again under the same key, the provider accepted it';
      const { detail } = noteOf(row, facts, 'mark_sent', reason, 'repeated');
      await writeHistory(sql, {
        notificationId: row.id,
        state: delivery.state,
        actor: 'resolver',
        reason,
        detail,
      });
      return;
    }
    case 'refused':
      // As after any refusal: the next account, the next channel of the route, or failed.
      await record(ctx, claimed, end);
      onSettled('repeated');
      return;
    case 'known_key':
      return hasOtherBody(claimed, end, row, facts, ctx);
    case 'nothing':
      if (end.outcome.class === 'in_doubt') await record(ctx, claimed, end);
      else await stillInDoubt(claimed, end, row, facts, ctx);
  }
}

/** A limit, an outage or a first call still in progress: conclusive for the repeat, but not for the first call. */
async function stillInDoubt(
  claimed: Claimed,
  end: Answered,
  row: DoubtRow,
  facts: Doubt,
  { sql, report }: ResolveContext,
): Promise<void> {
  const { outcome, latencyMs } = end;
  if (outcome.class === 'accepted') return;
  const reason = `the same call, made again, settled nothing: ${outcome.message}`;
  const unsettled = {
    id: row.id,
    n: row.attempt_count,
    leaseToken: claimed.leaseToken,
    errorCode: outcome.code,
    error: outcome.message,
    phase: outcome.phase,
    latencyMs,
    lookInMs: Math.max(outcome.retryAfterMs ?? 0, AGAIN_MS),
  };
  if (await returnToDoubt(sql, unsettled, noteOf(row, facts, 'wait', reason)))
    report.entered(enteredBy(row, 'in_doubt'));
}

/** The provider knows the key with another body: that body is the message, whatever it contains. */
async function hasOtherBody(
  claimed: Claimed,
  { outcome, latencyMs, account }: Answered,
  row: DoubtRow,
  facts: Doubt,
  { sql, onSettled, report }: ResolveContext,
): Promise<void> {
  if (outcome.class === 'accepted') return;
  const source = `${account.id} knows the key of this call, with another body: it has the first one`;
  const unsettled = {
    id: row.id,
    n: row.attempt_count,
    leaseToken: claimed.leaseToken,
    errorCode: outcome.code,
    error: outcome.message,
    phase: outcome.phase,
    latencyMs,
    lookInMs: BETWEEN_MS,
  };
  const fence = await returnToDoubt(sql, unsettled, noteOf(row, facts, 'wait', source));
  if (!fence) return;
  report.entered(enteredBy(row, 'in_doubt'));
  const evidence = { says: 'accepted', providerMessageId: null, source } as const;
  const note = noteOf(
    row,
    { ...facts, evidence },
    'mark_sent',
    `it was accepted; evidence: ${source}`,
    'found',
  );
  const settled = await acceptDoubt(
    sql,
    { ...row, fence },
    { providerMessageId: null, exclusive: false },
    note,
  );
  if (settled !== 'sent') return;
  report.entered(enteredBy(row, 'sent'));
  onSettled('found');
}
