import { laneOf } from '@carillon/core/lane';
import type { Release } from '@carillon/db/queries/release-claims';
import type { AttemptEnd, Claimed, Delivery } from './steps.ts';

/** An attempt that ended without a provider call: its row and number are taken back, it costs nothing. */
export type Uncalled = Exclude<AttemptEnd, { kind: 'answered' | 'impossible' | 'unready' }>;

export function isUncalled(end: AttemptEnd): end is Uncalled {
  return end.kind !== 'answered' && end.kind !== 'impossible' && end.kind !== 'unready';
}

/** Pure: where a notification goes whose claim is given back. */
export function releaseOf(claimed: Claimed, end: Uncalled): Release {
  const { id, attempt_count: n, leaseToken } = claimed;
  const base = { id, n, leaseToken };
  switch (end.kind) {
    case 'too_late':
      return {
        ...base,
        state: 'expired',
        reason: end.reason ?? 'expires_at passed before it could be sent',
        dueInMs: null,
      };
    case 'unwanted': {
      const next = end.onlyHere ? claimed.route[claimed.route.indexOf(claimed.channel) + 1] : undefined;
      if (!next) return { ...base, state: end.state, reason: end.reason, dueInMs: null };
      const onward = { nextChannel: next, nextLane: laneOf(next, claimed.priority) };
      return {
        ...base,
        state: 'pending',
        reason: `${end.reason}; goes on by ${next}`,
        dueInMs: null,
        ...onward,
      };
    }
    case 'elsewhere': {
      const { nextChannel, reason } = end;
      const onward = { nextChannel, nextLane: laneOf(nextChannel, claimed.priority) };
      return {
        ...base,
        state: 'pending',
        reason: `${reason}; goes on by ${nextChannel}`,
        dueInMs: null,
        ...onward,
      };
    }
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
