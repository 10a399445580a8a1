import type { DoubtEvidence } from '@carillon/core/doubt';
import { attemptId } from '@carillon/core/ids';
import { findRecordedMessages } from '@carillon/db/queries/find-recorded-messages';
import type { DoubtRow } from '@carillon/db/queries/take-doubts';
import type { Lookup, ProviderAccount } from '@carillon/providers/contract';
import type { ResolveDeps } from './deps.ts';
import { messageOf } from './message-of.ts';

/** A lookup that takes longer has failed for now. Shorter than the hold of take-doubts, with room for the rest. */
const LOOKUP_TIMEOUT_MS = 5000;

/** Asks the provider whether it has the doubtful call. Never throws: a lookup that fails settles nothing. */
export async function lookUp(
  row: DoubtRow,
  account: ProviderAccount,
  { sql, steps, onError }: Pick<ResolveDeps, 'sql' | 'steps' | 'onError'>,
): Promise<DoubtEvidence> {
  try {
    const rendered = await messageOf(row, steps.render);
    if (!rendered.ok) {
      const why = 'reason' in rendered.end ? rendered.end.reason : rendered.end.kind;
      return { says: 'unknown', source: `what was sent is not known any more: ${why}` };
    }
    const found = await find(account.adapter.lookup!, rendered.message, row, sql);
    switch (found.found) {
      case 'accepted':
        return { says: 'accepted', providerMessageId: found.providerMessageId, source: found.evidence };
      case 'absent':
        return { says: 'absent', source: found.evidence };
      case 'unknown':
        return { says: 'unknown', source: found.why, unanswered: found.unanswered ?? false };
    }
  } catch (error) {
    onError(error);
    return { says: 'unknown', source: `${account.id} could not be asked`, unanswered: true };
  }
}

async function find(
  lookup: Lookup,
  message: Parameters<Lookup['find']>[0],
  { id, attempt_count: n, started_at: startedAt, provider }: DoubtRow,
  sql: ResolveDeps['sql'],
): ReturnType<Lookup['find']> {
  const signal = AbortSignal.timeout(LOOKUP_TIMEOUT_MS);
  const call = { notificationId: id, attemptId: attemptId(id, n), startedAt, signal };
  return lookup.find(message, { ...call, recorded: (ids) => findRecordedMessages(sql, provider, ids) });
}
