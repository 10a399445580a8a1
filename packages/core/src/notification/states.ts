/**
 * The life cycle of a notification, as data. Requests (cancel, reschedule, retry) and the API's 409s take their guards
 * from TRANSITIONS; the CHECK constraint takes its states from STATES. The hot statements of db/<subject> spell their
 * guards out, one plan each: tests run them under a trigger generated from this table
 * (test/support/transition-guard.ts), which rejects any transition that is not listed.
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

/**
 * What a state means, what moves a notification out of it, and what happens if nothing does. docs/concepts.md shows it.
 */
export interface StateNote {
  means: string;
  movedOnBy: string;
  otherwise: string;
}

export const STATE_NOTES: Readonly<Record<State, StateNote>> = {
  scheduled: {
    means:
      'Accepted for a later time (`send_at`), or held: until quiet hours of the recipient end, or their pause (`paused_until`). Messages of a campaign are made when they are due, also at a local time of each recipient, so they are never scheduled for that, only held.',
    movedOnBy:
      'The promoter announces it five minutes ahead, its delayed job brings it to a worker when it is due. A request may cancel or reschedule it.',
    otherwise:
      'Rescue announces it again when it is 20 s overdue. After minutes the audit counts it as `overdue`.',
  },
  pending: {
    means:
      'Stored, with an outbox row; no job yet. Behind an older one of its ordering key, or while its origin is paused, it has no outbox row and is parked.',
    movedOnBy:
      'The relay makes a job of the outbox row. A parked one is announced when the one before it has ended, or its origin goes on.',
    otherwise:
      'The sweep finds what has no outbox row after two minutes, `order` looks at parked ones every second. Then the audit counts it as `pending`.',
  },
  queued: {
    means: 'Its job is in its lane in Redis.',
    movedOnBy: 'A worker takes the job and claims the notification.',
    otherwise:
      'The sweep announces it again when its lane is empty or hands out what was queued well after it; a lost Redis rebuilds all lanes. Then the audit counts it as `queued`.',
  },
  sending: {
    means: 'A worker holds a lease on it, and the attempt is on record. The provider may have been called.',
    movedOnBy: 'The worker records how the attempt ended, or gives the claim back before the call.',
    otherwise:
      'When the lease ends, rescue makes it `in_doubt`. A minute later the sweep does, then the audit counts it as `sending`.',
  },
  retrying: {
    means:
      'It waits for `next_attempt_at`: after a transient failure, for a limit, or for an account that can be used.',
    movedOnBy: 'Its delayed job brings it back to a worker. A request may cancel it.',
    otherwise:
      'Rescue announces it again when it is 20 s overdue. After minutes the audit counts it as `overdue`.',
  },
  in_doubt: {
    means: 'A call may have reached the provider and its answer is not known.',
    movedOnBy:
      'The resolver, by evidence or by the policy of the category; a receipt; a person. With `next_attempt_at` null it waits for a person.',
    otherwise:
      'The event `notification.in_doubt` and the Doubts page show it. If a look of the resolver stays due, the audit counts it as `in_doubt`.',
  },
  sent: {
    means: 'The provider accepted it.',
    movedOnBy: 'A receipt: `delivered`, or `failed` for a bounce.',
    otherwise: 'It stays: many providers send no receipt. Retention removes it.',
  },
  delivered: {
    means: 'A receipt says that it arrived, or it is in the in-app inbox.',
    movedOnBy: 'A late bounce.',
    otherwise: 'It stays until retention removes it.',
  },
  failed: {
    means: 'Refused for good: the address, the content, or every account said no.',
    movedOnBy: 'A person who retries it.',
    otherwise: 'It stays in the failed set of its lane until retention removes it.',
  },
  dead: {
    means: 'Every round of the schedule is used up, or its policy forbids sending a doubtful one again.',
    movedOnBy: 'A person who retries it.',
    otherwise: 'It stays in the failed set of its lane until retention removes it.',
  },
  suppressed: {
    means: 'The last channel of its route leads to a suppressed address. No provider accepted it.',
    movedOnBy: 'Nobody.',
    otherwise: 'It stays until retention removes it.',
  },
  skipped: {
    means: 'The recipient does not want it: an opt-out or a cap. No provider accepted it.',
    movedOnBy: 'Nobody.',
    otherwise: 'It stays until retention removes it.',
  },
  cancelled: {
    means: 'Cancelled by request while no worker had it, or with its origin. No provider accepted it.',
    movedOnBy: 'Nobody.',
    otherwise: 'It stays until retention removes it.',
  },
  expired: {
    means: '`expires_at` passed before it could be sent.',
    movedOnBy: 'Nobody.',
    otherwise: 'It stays until retention removes it.',
  },
};

/** From each state, the states it may become and why. `sending -> delivered`: a receipt may overtake the answer. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<State, string>>>>> = {
  scheduled: {
    pending: 'deliver: due, but an older one of its ordering key is open, or its origin is paused',
    scheduled: 'rescheduled by request',
    sending: 'deliver: its delayed job came due',
    in_doubt: 'restore: it may have been sent after the backup',
    cancelled: 'by request',
    expired: 'too late to be useful',
    suppressed: 'opted out while waiting',
    skipped: 'preference or cap while waiting',
  },
  pending: {
    queued: 'relay: its job is in the lane',
    sending: 'deliver: claimed before the relay committed',
    in_doubt: 'restore: it may have been sent after the backup',
    scheduled: 'rescheduled by request',
    cancelled: 'by request',
    expired: 'too late to be useful',
  },
  queued: {
    pending:
      'rescue: its job was lost; deliver: an older one of its ordering key is open, or its origin is paused',
    sending: 'deliver: claimed',
    in_doubt: 'restore: it may have been sent after the backup',
    scheduled: 'rescheduled by request',
    cancelled: 'by request',
    expired: 'too late to be useful',
  },
  sending: {
    scheduled: 'guard: quiet hours, or a pause of the recipient',
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
    pending:
      'rescue: its job was lost; deliver: an older one of its ordering key is open, or its origin is paused',
    sending: 'deliver: claimed again',
    in_doubt: 'restore: it may have been sent after the backup',
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

/** States in which nothing more happens automatically. `failed` and `dead` are left only by a manual retry. */
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
 * costs every message several index writes and prevents heap-only updates (docs/decisions/storage.md).
 */
export const RARE_STATES: readonly State[] = ['scheduled', 'retrying', 'in_doubt', 'dead', 'failed'];

export function mayMove(from: State, to: State): boolean {
  return to in TRANSITIONS[from];
}

/** The states from which `to` may be reached: the guard of an UPDATE that moves a notification there. */
export function sourcesOf(to: State): State[] {
  return STATES.filter((from) => mayMove(from, to));
}
