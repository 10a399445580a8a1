import { type NotAccepted, spendsAttempt } from '../provider/outcome.ts';
import type { Fallback } from '../provider/rank.ts';
import {
  type AttemptEnd,
  type Called,
  type Delivery,
  type Ending,
  isUncalled,
  type RejectedAddress,
  type Release,
  stuckReason,
  UNSTORABLE,
  type Uncalled,
} from './attempt-end.ts';
import { backoffMs } from './backoff.ts';
import type { Channel } from './channel.ts';
import { type Addressed, addressOf, marksOfRefusedDevices } from './compose.ts';
import { FIRST_LOOK_MS } from './doubt.ts';
import { laneOf } from './lane.ts';
import type { Message } from './message.ts';
import type { Priority } from './priority.ts';

/** The fields of a claimed notification that decide its next state; named as its columns. */
export interface Attempted
  extends Pick<Addressed, 'app_id' | 'environment' | 'channel' | 'address' | 'contact_points' | 'tried'> {
  id: string;
  /** The number of this attempt. */
  attempt_count: number;
  leaseToken: string;
  /** The account named in the attempt row so far. */
  expectedProvider: string;
  route: readonly Channel[];
  priority: Priority;
  /** Tries in this cycle, this one too. */
  tries: number;
  origin_id?: string | null;
}

/**
 * Pure: what the end of an attempt means for the notification. After a certain non-acceptance the other accounts of the
 * channel are tried at once and use no further try: a try is a round over all of them. Rounds are bounded by the
 * schedule, and a route only goes forward, so whatever providers answer it ends. After a doubt nothing else is tried,
 * ever.
 *
 * @param random in [0, 1): where in the jitter range a wait falls.
 * @returns what is written: a release if nothing was called, which uses no try; else an ending.
 */
export function nextState(claimed: Attempted, end: Uncalled): Release;
export function nextState(claimed: Attempted, end: Called, random: number, fallback?: Fallback): Ending;
export function nextState(
  claimed: Attempted,
  end: AttemptEnd,
  random = 0,
  fallback: Fallback = {},
): Release | Ending {
  return isUncalled(end) ? afterNoCall(claimed, end) : afterCall(claimed, end, random, fallback);
}

function afterNoCall(claimed: Attempted, end: Uncalled): Release {
  const { id, attempt_count: n, leaseToken, route, channel, priority } = claimed;
  const base = { id, n, leaseToken, ...countedWith(claimed) };
  const onward = (next: Channel, reason: string): Release => ({
    ...base,
    state: 'pending',
    reason: `${reason}; goes on by ${next}`,
    dueInMs: null,
    nextChannel: next,
    nextLane: laneOf(next, priority),
  });
  switch (end.kind) {
    case 'too_late': {
      const reason = end.reason ?? 'expires_at passed before it could be sent';
      return { ...base, state: 'expired', reason, dueInMs: null };
    }
    case 'unwanted': {
      const next = end.onlyHere ? route[route.indexOf(channel) + 1] : undefined;
      return next
        ? onward(next, end.reason)
        : { ...base, state: end.state, reason: end.reason, dueInMs: null };
    }
    case 'elsewhere':
      return onward(end.nextChannel, end.reason);
    case 'held':
      return { ...base, state: 'scheduled', reason: end.reason, dueInMs: Math.ceil(end.forMs) };
    case 'unsent':
      return { ...base, state: 'retrying', reason: end.reason, dueInMs: Math.ceil(end.retryInMs) };
  }
}

const countedWith = ({ origin_id }: Attempted): { ofOrigin?: true } => (origin_id ? { ofOrigin: true } : {});

function afterCall(claimed: Attempted, end: Called, random: number, fallback: Fallback): Ending {
  const { id, attempt_count: n, leaseToken } = claimed;
  const base = { id, n, leaseToken, ...countedWith(claimed) };
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
      return outcome.othersMayTake && !refusedByAll(claimed, account.id, fallback)
        ? transient(claimed, refused, outcome, random, fallback)
        : permanent(claimed, refused);
    case 'bad_recipient': {
      const ending = { ...refused, refused: refusedAddress(claimed, message, account.id, outcome) };
      return byNextDevice(claimed, ending, message) ?? permanent(claimed, ending);
    }
    default:
      return transient(claimed, refused, outcome, random, fallback);
  }
}

/** Attachments are large and stored in their own table, where they do not change: a repeat reads them from there. */
function withoutFiles(message: Message): Message {
  if (message.channel !== 'email' || message.attachments === undefined) return message;
  const { attachments: _, ...rest } = message;
  return rest;
}

function refusedAddress(
  { id, attempt_count: n, app_id: appId, environment, channel }: Attempted,
  message: Message,
  account: string,
  { message: words, code, optedOut, badSince }: NotAccepted,
): RejectedAddress {
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
 * Permanent: it concerns the message or the address, so another account of the channel would get the same answer (and a
 * person who said STOP must not be reached from another number), or all accounts have refused it. The next channel may
 * still reach the person.
 */
function permanent(claimed: Attempted, ending: Unplaced): Ending {
  return byNextChannel(claimed, ending) ?? { ...ending, state: 'failed' };
}

/** A push fails only when all devices of the person did: one unregistered device uses no try. */
function byNextDevice(claimed: Attempted, ending: Unplaced, message: Message): Ending | null {
  const tried = message.channel === 'push' ? marksOfRefusedDevices(claimed, message.to) : null;
  if (!tried) return null;
  const consequence = "tries the person's next device";
  return { ...ending, tried, consequence, state: 'retrying', retryInMs: 0, refund: true };
}

/**
 * Stored with the ids of the accounts that were tried in a round: this one will not accept the message later either.
 */
const refusedBy = (account: string): string => `refused:${account}`;

/**
 * Whether every other account has refused the message in this round; one that is unavailable, throttled or not tried
 * yet has not.
 */
function refusedByAll({ tried }: Attempted, account: string, { others = [] }: Fallback): boolean {
  return others.every((other) => other === account || tried?.includes(refusedBy(other)));
}

function byNextChannel({ route, channel, priority }: Attempted, ending: Unplaced): Ending | null {
  const next: Channel | undefined = route[route.indexOf(channel) + 1];
  if (!next) return null;
  const onward = { nextChannel: next, nextLane: laneOf(next, priority), consequence: `goes on by ${next}` };
  return { ...ending, ...onward, state: 'pending' };
}

function transient(
  claimed: Attempted,
  ending: Unplaced,
  outcome: NotAccepted,
  random: number,
  { nextAccount, schedule }: Fallback,
): Ending {
  const tried = claimed.tried ?? [];
  const certain = outcome.phase !== 'written';
  // Called a second time in a round, because the breakers of the others are open (rank.ts): the round is over.
  if (certain && nextAccount !== undefined && !tried.includes(ending.provider)) {
    const turn = {
      tried: [
        ...tried,
        ending.provider,
        ...(outcome.class === 'rejected' ? [refusedBy(ending.provider)] : []),
      ],
      consequence: `tries the next account, ${nextAccount}`,
    };
    return { ...ending, ...turn, state: 'retrying', retryInMs: 0, refund: true };
  }
  const refund = !spendsAttempt(outcome.class);
  // A wait that uses no try always takes the first step of the schedule: it may repeat as long as the limit lasts.
  const tries = refund ? 1 : claimed.tries;
  const retryInMs = backoffMs(claimed.priority, tries, random, outcome.retryAfterMs, schedule);
  if (retryInMs === null) return byNextChannel(claimed, ending) ?? { ...ending, state: 'dead' };
  return { ...ending, state: 'retrying', retryInMs, ...(refund ? { refund } : {}) };
}

/**
 * Pure: an ending without any external text, for one that PostgreSQL rejects. Outcome and next state stay the same.
 *
 * @param reason what the timeline says in place of the provider's words.
 */
export function withoutTexts(ending: Ending, reason: string): Ending {
  const { id, n, leaseToken, state, outcome, phase, provider, latencyMs, retryInMs, refund, tried } = ending;
  const { nextChannel, nextLane, ofOrigin } = ending;
  return {
    ...{ id, n, leaseToken, state, outcome, phase, provider },
    ...(ofOrigin ? { ofOrigin } : {}),
    latencyMs: Math.min(Math.max(Math.round(latencyMs) || 0, 0), MAX_INT),
    ...(outcome === 'accepted'
      ? { providerMessageId: UNSTORABLE }
      : { errorCode: UNSTORABLE, error: reason }),
    ...(retryInMs === undefined
      ? {}
      : { retryInMs: Math.min(Math.max(Math.ceil(retryInMs) || 0, 0), MAX_INT) }),
    ...(refund ? { refund } : {}),
    ...(tried ? { tried } : {}),
    ...(nextChannel && nextLane ? { nextChannel, nextLane } : {}),
  };
}

/** The largest that PostgreSQL's `int` holds. */
const MAX_INT = 2_147_483_647;

/** What happens to the job of a notification after this was written. */
export function deliveryAfter(next: Release | Ending): Delivery {
  if (!('outcome' in next)) {
    // A hold may last for hours: the promoter queues it again, not a delayed job.
    if (next.dueInMs === null || next.state === 'scheduled') return { now: 'settled', state: next.state };
    return { now: 'waiting', inMs: next.dueInMs };
  }
  switch (next.state) {
    case 'retrying':
      return { now: 'waiting', inMs: next.retryInMs ?? 0 };
    case 'failed':
    case 'dead':
    case 'in_doubt':
      return { now: 'stuck', reason: stuckReason(next.state, next.errorCode) };
    default:
      return { now: 'settled', state: next.state };
  }
}
