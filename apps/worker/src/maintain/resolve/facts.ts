import type { Doubt, DoubtEvidence } from '@carillon/core/doubt';
import type { DoubtRow } from '@carillon/db/queries/take-doubts';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { CategorySettings } from '../../deliver/category-settings.ts';

/** What is known of a doubt before anybody is asked: pure. */
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
    evidence: storedEvidence(row) ?? (account ? null : goneAccount(row)),
  };
}

/**
 * Evidence that came by itself: a receipt that arrived while the call was still out, or the worker's own late answer
 * (it was stopped past its lease and woke again). A late refusal is of one call: once the call was repeated, nobody
 * knows of which.
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
  return { says: 'unknown', source: `the provider account ${provider} is not configured any more` };
}
