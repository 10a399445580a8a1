import { backoffMs } from '@carillon/core/backoff';
import type { Channel } from '@carillon/core/channel';
import { FIRST_LOOK_MS } from '@carillon/core/doubt';
import { laneOf } from '@carillon/core/lane';
import type { Message } from '@carillon/core/message';
import { type NotAccepted, spendsAttempt } from '@carillon/core/outcome';
import type { RefusedAddress } from '@carillon/db/queries/follow-refusals';
import type { Ending } from '@carillon/db/queries/record-outcomes';
import { addressOf } from './address-of.ts';
import type { AttemptEnd, Claimed, Delivery } from './steps.ts';

/** What else there is for a message that a provider certainly did not take. */
export interface Alternatives {
  /** The next account of this round: one that can carry it, was not tried and whose breaker is not open. */
  nextAccount?: string | undefined;
  /** Waits before the 2nd, 3rd ... round, in seconds, where the category has its own. */
  schedule?: readonly number[] | undefined;
}

/**
 * Pure: what an ended attempt means for the notification. After a certain non-acceptance the other accounts of the
 * channel have their turn at once and at no cost: a try is a round over all of them. Rounds are bounded by the schedule,
 * and a route only goes forward, so whatever providers answer it ends. After a doubt nothing else is tried, ever.
 */
export function endingOf(
  claimed: Claimed,
  end: Extract<AttemptEnd, { kind: 'answered' | 'impossible' | 'unready' }>,
  random: number,
  alternatives: Alternatives = {},
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
  if (end.kind === 'unready') {
    const { code, reason: error, schedule } = end;
    const outcome = { class: 'transient', code, message: error, phase: 'started' } as const;
    const unmade = { ...base, provider: claimed.expectedProvider, latencyMs: 0, outcome: outcome.class };
    const ending: Unplaced = { ...unmade, phase: outcome.phase, errorCode: code, error };
    return transient(claimed, ending, outcome, random, { schedule });
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
        retryInMs: FIRST_LOOK_MS[account.adapter.guarantee],
        ...(account.adapter.guarantee === 'A' ? { rendered: withoutFiles(message) } : {}),
      };
    case 'rejected':
      return permanent(claimed, refused);
    case 'bad_recipient':
      return permanent(claimed, {
        ...refused,
        refused: refusedAddress(claimed, message, account.id, outcome),
      });
    default:
      return transient(claimed, refused, outcome, random, alternatives);
  }
}

/** They are large and stand in their own table, where they do not change: a repeat takes them from there. */
function withoutFiles(message: Message): Message {
  if (message.channel !== 'email' || message.attachments === undefined) return message;
  const { attachments: _, ...rest } = message;
  return rest;
}

function refusedAddress(
  { id, attempt_count: n, app_id: appId, environment, channel }: Claimed,
  message: Message,
  account: string,
  { message: words, code, optedOut, badSince }: NotAccepted,
): RefusedAddress {
  return {
    attempt: { id, n },
    account,
    appId,
    environment,
    channel,
    address: addressOf(message),
    optedOut: optedOut === true,
    detail: `${account} answered ${code}: ${words}`.slice(0, 500),
    ...(badSince === undefined ? {} : { since: badSince }),
  };
}

type Unplaced = Omit<Ending, 'state'>;

/**
 * Permanent: it is the message or the address, so another account of the channel would be told the same (and whoever
 * said STOP must not be reached by another number). The next channel may still reach the person.
 */
function permanent(claimed: Claimed, ending: Unplaced): Ending {
  return byNextChannel(claimed, ending) ?? { ...ending, state: 'failed' };
}

function byNextChannel({ route, channel, priority }: Claimed, ending: Unplaced): Ending | null {
  const next: Channel | undefined = route[route.indexOf(channel) + 1];
  if (!next) return null;
  const onward = { nextChannel: next, nextLane: laneOf(next, priority), consequence: `goes on by ${next}` };
  return { ...ending, ...onward, state: 'pending' };
}

function transient(
  claimed: Claimed,
  ending: Unplaced,
  outcome: NotAccepted,
  random: number,
  { nextAccount, schedule }: Alternatives,
): Ending {
  const tried = claimed.tried ?? [];
  const certain = outcome.phase !== 'written';
  // Asked a second time in a round, because breakers closed off the others (choose.ts): the round is over.
  if (certain && nextAccount !== undefined && !tried.includes(ending.provider)) {
    const turn = {
      tried: [...tried, ending.provider],
      consequence: `tries the next account, ${nextAccount}`,
    };
    return { ...ending, ...turn, state: 'retrying', retryInMs: 0, refund: true };
  }
  const refund = !spendsAttempt(outcome.class);
  // A wait that costs nothing always takes the first step of the schedule: it may repeat for as long as the limit does.
  const tries = refund ? 1 : claimed.tries;
  const retryInMs = backoffMs(claimed.priority, tries, random, outcome.retryAfterMs, schedule);
  if (retryInMs === null) return byNextChannel(claimed, ending) ?? { ...ending, state: 'dead' };
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
