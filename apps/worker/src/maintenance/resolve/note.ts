import type { Doubt } from '@carillon/core/notification/doubt';
import type { Entered } from '@carillon/core/notification/entered';
import { outsideText } from '@carillon/core/text/outside-text';
import type { ResolverNote } from '@carillon/db/doubts/decisions';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import type { Settlement } from './context.ts';

/** What the journal keeps of a decision: why, on what evidence, under which policy. */
export function noteOf(
  { attempt_count: attempt, provider }: DoubtRow,
  { guarantee, policy, evidence }: Doubt,
  decision: ResolverNote['detail']['decision'],
  reason: string,
  how?: Settlement,
): ResolverNote {
  const known =
    evidence === null
      ? {}
      : {
          evidence: evidence.source,
          evidence_says: evidence.says,
          ...('providerMessageId' in evidence ? { provider_message_id: evidence.providerMessageId } : {}),
        };
  const settled = how ? { how, settled_by: SETTLED_BY[how] } : {};
  const detail = { decision, attempt, provider, guarantee, policy, ...settled, ...known };
  // Evidence may quote a provider.
  return { reason: outsideText(reason, MAX_REASON), detail };
}

/** The doubt in the state it was moved to, for the metrics. */
export function enteredBy(
  { app_id: appId, channel, priority, provider }: DoubtRow,
  state: Entered['state'],
): Entered {
  return { appId, channel, priority, provider, state };
}

/** Characters. */
const MAX_REASON = 2000;

/** What was decisive: the provider's answer, the same message again where that cannot duplicate, or the policy. */
const SETTLED_BY: Readonly<Record<Settlement, 'evidence' | 'repeat' | 'policy'>> = {
  repeated: 'repeat',
  found: 'evidence',
  refused: 'evidence',
  absent: 'evidence',
  replaced: 'repeat',
  policy: 'policy',
  held: 'policy',
  gave_up: 'policy',
};
