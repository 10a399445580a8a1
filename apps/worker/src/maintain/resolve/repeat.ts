import { randomUUID } from 'node:crypto';
import type { Doubt } from '@carillon/core/doubt';
import type { Message } from '@carillon/core/message';
import { acceptDoubt } from '@carillon/db/queries/accept-doubt';
import { writeHistory } from '@carillon/db/queries/history';
import { reopenAttempt } from '@carillon/db/queries/reopen-attempt';
import { returnToDoubt } from '@carillon/db/queries/return-to-doubt';
import type { DoubtRow } from '@carillon/db/queries/take-doubts';
import type { ProviderAccount } from '@carillon/providers/contract';
import { repeatProof } from '@carillon/providers/repeat-proof';
import type { AttemptEnd, Claimed } from '../../deliver/steps.ts';
import type { ResolveDeps } from './deps.ts';
import { noteOf } from './note.ts';

type Answered = Extract<AttemptEnd, { kind: 'answered' }>;

/** A repeat that settled nothing is not made again sooner than this. */
const AGAIN_MS = 1000;
/** Between the two statements of a key conflict nobody else should look. */
const BETWEEN_MS = 5000;

/**
 * The same call once more: same attempt, same key, same message. The lease is taken like any other, so that a crash at
 * any point is the same doubt again, and a late answer changes nothing.
 */
export async function repeat(
  row: DoubtRow,
  facts: Doubt,
  reason: string,
  { account, message }: { account: ProviderAccount; message: Message },
  deps: ResolveDeps,
): Promise<void> {
  const { sql, steps, leases } = deps;
  const lease = { token: randomUUID(), ms: leases.ms[row.priority] };
  const leaseEndsAt = performance.now() + lease.ms;
  if (!(await reopenAttempt(sql, row, lease, noteOf(row, facts, 'repeat', reason)))) return;
  const held = { leaseToken: lease.token, leaseEndsAt, isRepeat: true } as const;
  const claimed: Claimed = { ...row, ...held, expectedProvider: account.id };
  try {
    const end = await steps.send(claimed, message, account);
    if (end.kind === 'answered') await settle(claimed, end, row, facts, deps);
    else await notMade(claimed, end, row, facts, deps);
  } finally {
    leases.letGo(claimed);
  }
}

/** Its time was up in the last moment, or no connection came free: the first call is as doubtful as before. */
async function notMade(
  claimed: Claimed,
  end: Exclude<AttemptEnd, Answered>,
  row: DoubtRow,
  facts: Doubt,
  { sql }: ResolveDeps,
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
  await returnToDoubt(sql, unsettled, noteOf(row, facts, 'wait', reason));
}

async function settle(
  claimed: Claimed,
  end: Answered,
  row: DoubtRow,
  facts: Doubt,
  deps: ResolveDeps,
): Promise<void> {
  const { sql, steps, onSettled } = deps;
  switch (repeatProof(end.account.adapter, end.outcome)) {
    case 'accepted': {
      const delivery = await steps.record(claimed, end);
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
      await steps.record(claimed, end);
      onSettled('repeated');
      return;
    case 'known_key':
      return hasOtherBody(claimed, end, row, facts, deps);
    case 'nothing':
      if (end.outcome.class === 'in_doubt') await steps.record(claimed, end);
      else await stillInDoubt(claimed, end, row, facts, deps);
  }
}

/** A limit, an outage or a first call still under way: certain for the repeat, and nothing about the first call. */
async function stillInDoubt(
  claimed: Claimed,
  end: Answered,
  row: DoubtRow,
  facts: Doubt,
  { sql }: ResolveDeps,
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
  await returnToDoubt(sql, unsettled, noteOf(row, facts, 'wait', reason));
}

/** The provider knows the key and has another body under it: that body is the message, whatever it says. */
async function hasOtherBody(
  claimed: Claimed,
  { outcome, latencyMs, account }: Answered,
  row: DoubtRow,
  facts: Doubt,
  { sql, onSettled }: ResolveDeps,
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
  if (settled === 'sent') onSettled('found');
}
