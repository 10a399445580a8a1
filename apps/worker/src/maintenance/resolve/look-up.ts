import type { DoubtEvidence } from '@carillon/core/notification/doubt';
import { isTraced } from '@carillon/core/program/traces';
import { attemptId } from '@carillon/core/text/ids';
import { outsideId } from '@carillon/core/text/outside-text';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import { findRecordedMessages } from '@carillon/db/notifications/find-recorded-messages';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { Lookup } from '@carillon/providers/contract';
import { trace } from '@opentelemetry/api';
import { fail, startClient } from '../../deliver/delivery-spans.ts';
import type { ResolveContext } from './context.ts';
import { messageOf } from './message-of.ts';

/** A lookup that takes longer has failed for now. Shorter than the hold of take-doubts, with room for the rest. */
const LOOKUP_TIMEOUT_MS = 5000;

/** Queries the provider for the doubtful call. Never throws: a lookup that fails settles nothing. */
export async function lookUp(
  row: DoubtRow,
  account: RegisteredAccount,
  ctx: ResolveContext,
): Promise<DoubtEvidence> {
  try {
    const rendered = await messageOf(row, ctx);
    if (!rendered.ok) {
      const why = 'reason' in rendered.end ? rendered.end.reason : rendered.end.kind;
      return { says: 'unknown', source: `what was sent is no longer known: ${why}` };
    }
    const found = await inLookUpSpan(account, () =>
      find(account.adapter.lookup!, rendered.message, row, ctx.sql),
    );
    switch (found.found) {
      case 'accepted':
        return {
          says: 'accepted',
          providerMessageId: outsideId(found.providerMessageId),
          source: found.evidence,
        };
      case 'absent':
        return { says: 'absent', source: found.evidence };
      case 'unknown':
        return {
          says: 'unknown',
          source: found.why,
          askAgain: (found.unanswered ?? false) || (found.tooNew ?? false),
        };
    }
  } catch (error) {
    ctx.onError(error, row.id);
    return { says: 'unknown', source: `${account.id} could not be asked`, askAgain: true };
  }
}

/** The question to the provider, as a child of the look at the doubt. */
async function inLookUpSpan(
  account: RegisteredAccount,
  ask: () => ReturnType<Lookup['find']>,
): ReturnType<Lookup['find']> {
  if (!isTraced() || trace.getActiveSpan() === undefined) return ask();
  const span = startClient(`look up ${account.adapter.provider}`, account);
  try {
    const found = await ask();
    span.setAttribute('carillon.found', found.found);
    if (found.found === 'unknown' && found.unanswered) fail(span, 'unanswered');
    return found;
  } catch (error) {
    fail(span, error instanceof Error ? error.name : typeof error);
    throw error;
  } finally {
    span.end();
  }
}

async function find(
  lookup: Lookup,
  message: Parameters<Lookup['find']>[0],
  {
    id,
    attempt_count: n,
    started_at: startedAt,
    ended_at: endedAt,
    now: askedAt,
    provider,
    restored,
  }: DoubtRow,
  sql: ResolveContext['sql'],
): ReturnType<Lookup['find']> {
  const signal = AbortSignal.timeout(LOOKUP_TIMEOUT_MS);
  const call = {
    notificationId: id,
    attemptId: attemptId(id, n),
    startedAt,
    askedAt,
    ...(restored ? { endedAt } : {}),
    signal,
  };
  return lookup.find(message, { ...call, recorded: (ids) => findRecordedMessages(sql, provider, ids) });
}
