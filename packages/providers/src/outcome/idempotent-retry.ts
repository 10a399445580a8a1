import type { Outcome } from '@carillon/core/provider/outcome';
import type { ProviderAdapter } from '../contract.ts';

/**
 * What the answer to a repeated class-A call (same key, same message) proves about the lost call:
 *
 * - `accepted`: as it would have been the first time; with the same id, if it was.
 * - `known_key`: the key was used before with another body, so the provider has that one. It happens when another
 * release renders a message differently and the sent message was not stored.
 * - `refused`: the provider checked the message and rejected it with its own code. Had it accepted it under this key,
 * it would have answered with that: it did not accept it.
 * - `nothing`: it did not check the message (limits, credentials, an outage, a first call still in progress), or the
 * answer has no code of its own (a bare status may come from a proxy), or there was no answer.
 */
export type IdempotentRetryEvidence = 'accepted' | 'known_key' | 'refused' | 'nothing';

export function idempotentRetryEvidence(
  { keyConflictCode }: Pick<ProviderAdapter, 'keyConflictCode'>,
  outcome: Outcome,
): IdempotentRetryEvidence {
  if (outcome.class === 'accepted') return 'accepted';
  const { class: kind, code, phase } = outcome;
  if (phase !== 'answered') return 'nothing';
  if (keyConflictCode !== undefined && code === keyConflictCode) return 'known_key';
  const aboutTheMessage = kind === 'rejected' || kind === 'bad_recipient';
  return aboutTheMessage && !/^http_\d+$/.test(code) ? 'refused' : 'nothing';
}
