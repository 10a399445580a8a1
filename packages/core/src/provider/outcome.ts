/**
 * The outcome of one provider call. Adapters return these; they never throw for an answer. The class says who must act
 * and whether it uses a try; the map from provider codes to classes is data next to each adapter.
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

/** How far a call got: nothing written is certain non-acceptance; written without an answer is a doubt. */
export const PHASES = ['started', 'written', 'answered'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * The subject of an answer. A provider that answers about one message, one person or one sender works; one that answers
 * about itself, or whose connection fails, may not.
 */
export const OUTCOME_SUBJECTS = [
  'message',
  'recipient',
  'sender',
  'account',
  'provider',
  'connection',
] as const;
export type OutcomeSubject = (typeof OUTCOME_SUBJECTS)[number];

export interface Accepted {
  class: 'accepted';
  /** The provider's own id: an acceptance without one does not count. */
  providerMessageId: string;
  /** True when acceptance is delivery (the built-in inbox). */
  delivered?: boolean;
}

export interface NotAccepted {
  class: Exclude<OutcomeClass, 'accepted'>;
  /** Undefined: the code is unknown. */
  about?: OutcomeSubject;
  /** `rejected`, but as far as known by this account only: another account of the channel may accept the message. */
  othersMayTake?: true;
  /** The provider's error code, or an internal one: `timeout`, `connection_refused`, `invalid_answer` ... */
  code: string;
  /** Readable. Never contains a credential or a message body. */
  message: string;
  /** The wait that the provider asked for, in milliseconds. */
  retryAfterMs?: number;
  /** `bad_recipient` because the person said STOP to this sender. */
  optedOut?: true;
  /**
   * Time since when the address is a `bad_recipient`, if the provider says so: a device that registered later is not
   * affected.
   */
  badSince?: Date;
  phase: Phase;
}

export type Outcome = Accepted | NotAccepted;

/** Whether an outcome class uses a try: waiting for a limit or for a fault of the account does not. */
export function spendsAttempt(outcome: OutcomeClass): boolean {
  return outcome !== 'throttled' && outcome !== 'quota' && outcome !== 'misconfigured';
}
