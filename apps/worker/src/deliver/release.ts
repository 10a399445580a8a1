import type { Release } from '@carillon/db/queries/release-claims';
import type { AttemptEnd, Claimed, Delivery } from './steps.ts';

/** An attempt that ended without a provider call: its row and number are taken back, it costs nothing. */
export type Uncalled = Exclude<AttemptEnd, { kind: 'answered' | 'impossible' }>;

/** Pure: where a notification goes whose claim is given back. */
export function releaseOf(claimed: Claimed, end: Uncalled): Release {
  const { id, attempt_count: n, leaseToken } = claimed;
  const base = { id, n, leaseToken };
  switch (end.kind) {
    case 'too_late':
      return {
        ...base,
        state: 'expired',
        reason: 'expires_at passed before it could be sent',
        dueInMs: null,
      };
    case 'unwanted':
      return { ...base, state: end.state, reason: end.reason, dueInMs: null };
    case 'held':
      return { ...base, state: 'scheduled', reason: end.reason, dueInMs: Math.ceil(end.forMs) };
    case 'unsent':
      return { ...base, state: 'retrying', reason: end.reason, dueInMs: Math.ceil(end.retryInMs) };
  }
}

export function afterRelease({ state, dueInMs }: Release): Delivery {
  if (dueInMs === null) return { now: 'settled', state };
  // A hold may last for hours: the promoter brings it back, not a delayed job.
  if (state === 'scheduled') return { now: 'settled', state };
  return { now: 'waiting', at: Date.now() + dueInMs };
}
