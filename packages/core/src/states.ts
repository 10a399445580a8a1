/**
 * The life of a notification, as data. Requests (cancel, reschedule, retry) and the API's 409s take their guards from
 * TRANSITIONS; the CHECK constraint takes its states from STATES. The hot statements of db/queries write their guards
 * out, one plan each: tests run them under a trigger made from this table (test/support/transition-guard.ts), which
 * refuses any move that is not here.
 */
export const STATES = [
  'scheduled',
  'pending',
  'queued',
  'sending',
  'retrying',
  'in_doubt',
  'sent',
  'delivered',
  'failed',
  'dead',
  'suppressed',
  'skipped',
  'cancelled',
  'expired',
] as const;
export type State = (typeof STATES)[number];

/** From each state, the states it may become and why. `sending -> delivered`: a receipt may overtake the answer. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<State, string>>>>> = {
  scheduled: {
    pending: 'deliver: due, but an older one of its ordering key is open',
    scheduled: 'rescheduled by request',
    sending: 'deliver: its delayed job came due',
    cancelled: 'by request',
    expired: 'too late to be useful',
    suppressed: 'opted out while waiting',
    skipped: 'preference or cap while waiting',
  },
  pending: {
    queued: 'relay: its job is in the lane',
    sending: 'deliver: claimed before the relay committed',
    scheduled: 'rescheduled by request',
    cancelled: 'by request',
    expired: 'too late to be useful',
  },
  queued: {
    pending: 'rescue: its job was lost; deliver: an older one of its ordering key is open',
    sending: 'deliver: claimed',
    scheduled: 'rescheduled by request',
    cancelled: 'by request',
    expired: 'too late to be useful',
  },
  sending: {
    scheduled: 'guard: quiet hours',
    pending: 'deliver: next channel of the route',
    retrying: 'record: transient failure, or the claim given back unsent (rate limit, no account)',
    in_doubt: 'record or rescue: outcome unknown',
    sent: 'record: the provider accepted',
    delivered: 'receipt overtook the answer, or the channel is our own inbox',
    failed: 'record: permanent failure',
    dead: 'record: attempts used up',
    suppressed: 'guard: opt-out or bounce list',
    skipped: 'guard: preference or cap',
    expired: 'guard: too late to be useful',
  },
  retrying: {
    pending: 'rescue: its job was lost; deliver: an older one of its ordering key is open',
    sending: 'deliver: claimed again',
    cancelled: 'by request',
    expired: 'too late to be useful',
  },
  in_doubt: {
    pending: 'resolver or a person: send again',
    sending: 'resolver: the same call again, under the key it had (class A)',
    sent: 'resolver: evidence of acceptance, or a person who knows',
    delivered: 'receipt',
    failed: 'resolver: evidence of refusal, or a person',
    dead: 'resolver: policy forbids sending again',
  },
  sent: { delivered: 'receipt', failed: 'receipt: bounced' },
  delivered: { failed: 'receipt: bounced after delivery' },
  failed: { pending: 'a person: retry, by the API or in Bull Board' },
  dead: { pending: 'a person: retry, by the API or in Bull Board' },
  suppressed: {},
  skipped: {},
  cancelled: {},
  expired: {},
};

/** States in which nothing more happens by itself. `failed` and `dead` leave only by a person's retry. */
export const FINAL_STATES: readonly State[] = [
  'sent',
  'delivered',
  'failed',
  'dead',
  'suppressed',
  'skipped',
  'cancelled',
  'expired',
];

/**
 * States few notifications are in at a time. Only these may be indexed: an index over the states of the happy path
 * costs every message several index writes and defeats heap-only updates (docs/decisions.md).
 */
export const RARE_STATES: readonly State[] = ['scheduled', 'retrying', 'in_doubt', 'dead', 'failed'];

export function mayMove(from: State, to: State): boolean {
  return to in TRANSITIONS[from];
}

/** The states from which `to` may be reached: the guard of an UPDATE that moves a notification there. */
export function sourcesOf(to: State): State[] {
  return STATES.filter((from) => mayMove(from, to));
}
