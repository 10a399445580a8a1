import { backoffMs } from '@carillon/core/backoff';
import type { Channel } from '@carillon/core/channel';
import { laneOf } from '@carillon/core/lane';
import { type NotAccepted, spendsAttempt } from '@carillon/core/outcome';
import type { Ending } from '@carillon/db/queries/record-outcomes';
import type { AttemptEnd, Claimed, Delivery } from './steps.ts';

/** Pure: what an ended attempt means for the notification. */
export function endingOf(
  claimed: Claimed,
  end: Extract<AttemptEnd, { kind: 'answered' | 'impossible' }>,
  random: number,
): Ending {
  const base = { id: claimed.id, n: claimed.attempt_count, leaseToken: claimed.leaseToken };
  if (end.kind === 'impossible') {
    const failed = {
      ...base,
      provider: claimed.expectedProvider,
      latencyMs: 0,
      outcome: 'rejected' as const,
    };
    return permanent(claimed, { ...failed, phase: 'started', errorCode: end.code, error: end.reason });
  }
  const { outcome, account, latencyMs, message } = end;
  const answered = { ...base, provider: account.id, latencyMs, outcome: outcome.class };
  if (outcome.class === 'accepted') {
    const state = outcome.delivered ? 'delivered' : 'sent';
    return { ...answered, state, phase: 'answered', providerMessageId: outcome.providerMessageId };
  }
  const refused = { ...answered, phase: outcome.phase, errorCode: outcome.code, error: outcome.message };
  switch (outcome.class) {
    case 'in_doubt':
      return {
        ...refused,
        state: 'in_doubt',
        ...(account.adapter.guarantee === 'A' ? { rendered: message } : {}),
      };
    case 'rejected':
    case 'bad_recipient':
      return permanent(claimed, refused);
    default:
      return transient(claimed, refused, outcome, random);
  }
}

type Unplaced = Omit<Ending, 'state'>;

/** Permanent here; the next channel of the route may still reach the person. */
function permanent(claimed: Claimed, ending: Unplaced): Ending {
  const next: Channel | undefined = claimed.route[claimed.route.indexOf(claimed.channel) + 1];
  if (!next) return { ...ending, state: 'failed' };
  return { ...ending, state: 'pending', nextChannel: next, nextLane: laneOf(next, claimed.priority) };
}

function transient(claimed: Claimed, ending: Unplaced, outcome: NotAccepted, random: number): Ending {
  const refund = !spendsAttempt(outcome.class);
  // A wait that costs nothing always takes the first step of the schedule: it may repeat for as long as the limit does.
  const tries = refund ? 1 : claimed.tries;
  const retryInMs = backoffMs(claimed.priority, tries, random, outcome.retryAfterMs);
  if (retryInMs === null) return { ...ending, state: 'dead' };
  return { ...ending, state: 'retrying', retryInMs, ...(refund ? { refund } : {}) };
}

export function afterEnding(ending: Ending): Delivery {
  switch (ending.state) {
    case 'retrying':
      return { now: 'waiting', at: Date.now() + (ending.retryInMs ?? 0) };
    case 'failed':
    case 'dead':
    case 'in_doubt':
      return { now: 'stuck', reason: `${ending.state}: ${ending.errorCode}: ${ending.error}` };
    default:
      return { now: 'settled', state: ending.state };
  }
}
