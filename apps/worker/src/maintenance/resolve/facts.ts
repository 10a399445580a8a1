import type { Doubt, DoubtEvidence } from '@carillon/core/notification/doubt';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { CategorySettings } from '../../deliver/category-settings.ts';

/** The facts of a doubt before the provider is queried: pure. */
export function factsOf(
  row: DoubtRow,
  account: ProviderAccount | undefined,
  { deliveryPolicy, resolveWithinSeconds }: CategorySettings,
): Doubt {
  const startedAt = row.started_at.getTime();
  const endedAt = row.ended_at.getTime();
  const settlesAfterMs = account?.adapter.lookup?.settlesAfterMs;
  return {
    guarantee: account?.adapter.guarantee ?? null,
    priority: row.priority,
    policy: deliveryPolicy,
    resolveWithinSeconds,
    now: row.now.getTime(),
    startedAt,
    endedAt,
    expiresAt: row.expires_at?.getTime() ?? null,
    // From its end on: the call may have been written in its last moment.
    lookupSettlesAt: settlesAfterMs === undefined ? null : endedAt + settlesAfterMs,
    obstacle: null,
    repeats: row.repeats,
    resends: row.resends,
    restored: row.restored,
    stopped: row.stopped,
    evidence: storedEvidence(row) ?? (account ? null : goneAccount(row)),
  };
}

/**
 * Evidence that arrived unrequested: a receipt that came while the call was in flight, or the worker's own late answer
 * (it was stopped past its lease and resumed). A late refusal belongs to one call: once the call was repeated, it is
 * unknown to which.
 */
function storedEvidence({ receipt, late, repeats, provider }: DoubtRow): DoubtEvidence | null {
  if (receipt) {
    const { kind, provider_message_id: providerMessageId } = receipt;
    return { says: 'accepted', providerMessageId, source: `a receipt of ${provider} (${kind})` };
  }
  if (late?.outcome === 'accepted') {
    const source = `the answer of ${provider}, which came when the lease had run out`;
    return { says: 'accepted', providerMessageId: late.provider_message_id, source };
  }
  if (late && repeats === 0) {
    return { says: 'refused', source: `the call ended late, certainly unaccepted (${late.outcome})` };
  }
  return null;
}

function goneAccount({ provider }: DoubtRow): DoubtEvidence {
  const source =
    provider === ''
      ? 'which account was called is not known, and none can be asked'
      : `the provider account ${provider} is no longer configured`;
  return { says: 'unknown', source };
}
