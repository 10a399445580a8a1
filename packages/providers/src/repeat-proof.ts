import type { Outcome } from '@carillon/core/outcome';
import type { ProviderAdapter } from './contract.ts';

/**
 * What the answer to a repeated class-A call (same key, same message) proves about the call whose answer was lost:
 *
 * - `accepted`: as it would have been the first time; with the same id, if it was.
 * - `known_key`: the key came before with another body, so the provider has that one. It happens when another release
 *   renders a message differently and nobody had stored what was sent.
 * - `refused`: the provider looked at the message and refused it, in its own words. Had it accepted it under this key,
 *   it would have answered with that: it did not accept it.
 * - `nothing`: it did not get as far as looking (limits, credentials, an outage, a first call still under way), or the
 *   words are not its own (a bare status may come from a proxy), or there was no answer.
 */
export type RepeatProof = 'accepted' | 'known_key' | 'refused' | 'nothing';

export function repeatProof(
  { keyConflictCode }: Pick<ProviderAdapter, 'keyConflictCode'>,
  outcome: Outcome,
): RepeatProof {
  if (outcome.class === 'accepted') return 'accepted';
  const { class: kind, code, phase } = outcome;
  if (phase !== 'answered') return 'nothing';
  if (keyConflictCode !== undefined && code === keyConflictCode) return 'known_key';
  const aboutTheMessage = kind === 'rejected' || kind === 'bad_recipient';
  return aboutTheMessage && !/^http_\d+$/.test(code) ? 'refused' : 'nothing';
}
