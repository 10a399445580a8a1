/**
 * What one provider call came to. Adapters return these; they never throw for an answer. The class says who must act
 * and what it costs; the map from provider codes to classes is data beside each adapter.
 */
export const OUTCOME_CLASSES = [
  'accepted',
  'transient',
  'throttled',
  'quota',
  'in_doubt',
  'rejected',
  'bad_recipient',
  'misconfigured',
] as const;
export type OutcomeClass = (typeof OUTCOME_CLASSES)[number];

/** How far a call came: nothing written is certain non-acceptance; written without an answer is a doubt. */
export const PHASES = ['started', 'written', 'answered'] as const;
export type Phase = (typeof PHASES)[number];

export interface Accepted {
  class: 'accepted';
  /** The provider's own id: an acceptance without one is not an acceptance. */
  providerMessageId: string;
  /** True when acceptance is delivery (our own inbox). */
  delivered?: boolean;
}

export interface NotAccepted {
  class: Exclude<OutcomeClass, 'accepted'>;
  /** The provider's error code, or ours: `timeout`, `connection_refused`, `invalid_answer` ... */
  code: string;
  /** For people. Never holds a credential or a message body. */
  message: string;
  /** What the provider asked us to wait, in milliseconds. */
  retryAfterMs?: number;
  /** `bad_recipient` because the person said STOP to this sender. */
  optedOut?: true;
  /** `bad_recipient` since then, where the provider says so: a device that registered later is not meant. */
  badSince?: Date;
  phase: Phase;
}

export type Outcome = Accepted | NotAccepted;

/** What an outcome class means for the attempt count: waiting for a limit or an outage of our account costs nothing. */
export function spendsAttempt(outcome: OutcomeClass): boolean {
  return outcome !== 'throttled' && outcome !== 'quota' && outcome !== 'misconfigured';
}
