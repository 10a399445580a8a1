import type { GuaranteeClass } from '../provider/guarantee.ts';
import type { Outcome, OutcomeClass, Phase } from '../provider/outcome.ts';
import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import type { Lane } from './lane.ts';
import type { Message } from './message.ts';
import type { State } from './states.ts';

/** How an attempt ends, and what is written for it. next-state.ts maps the first to the second. */

/** The account that was called, as far as the next state depends on it. */
export interface CalledAccount {
  id: string;
  adapter: { guarantee: GuaranteeClass };
}

/** With a provider's answer, without a call because it cannot work, or unsent for now. */
export type AttemptEnd = Called | Uncalled;

/** It counts as a try: a provider was called, or a call could not have succeeded. */
export type Called =
  | { kind: 'answered'; outcome: Outcome; account: CalledAccount; latencyMs: number; message: Message }
  | { kind: 'impossible'; code: string; reason: string }
  /** An input of the message (such as a file) is not available now: counts as a try, without a call. */
  | { kind: 'unready'; code: string; reason: string; schedule?: readonly number[] | undefined };

/** It ended without a provider call: its row and number are released, and no try is used. */
export type Uncalled =
  | { kind: 'unsent'; retryInMs: number; reason: string; originStopped?: true }
  /**
   * No account of this channel accepts calls now, and it cannot wait for one: it continues on the next channel of its
   * route.
   */
  | { kind: 'elsewhere'; nextChannel: Channel; reason: string }
  /** Quiet hours: it is `scheduled` again and returns automatically. */
  | { kind: 'held'; forMs: number; reason: string }
  /** Suppressed address, opt-out or cap: final, unless it is unwanted on this channel only and the route continues. */
  | { kind: 'unwanted'; state: 'suppressed' | 'skipped'; reason: string; onlyHere?: true }
  | { kind: 'too_late'; reason?: string };

export function isUncalled(end: AttemptEnd): end is Uncalled {
  return end.kind !== 'answered' && end.kind !== 'impossible' && end.kind !== 'unready';
}

/** The state of a notification when a worker is done with it; it decides what happens to the job. */
export type Delivery =
  | { now: 'settled'; state: State | 'unknown' }
  /** It is retried after this many milliseconds. */
  | { now: 'waiting'; inMs: number }
  /** It failed; its job goes to the failed set, where operators see it. */
  | { now: 'stuck'; reason: string };

/**
 * What the failed job of a notification says. It is kept in Redis, so it has no text from outside: an error may name a
 * file, a URL or a template. The timeline has all of it.
 */
export function stuckReason(state: string, errorCode: string | null = null): string {
  return [state, errorCode, 'see its timeline'].filter(Boolean).join(': ');
}

/** The error code of a notification that ended because PostgreSQL rejected the values to be written for it. */
export const UNSTORABLE = 'unstorable';

/** The end of one attempt: the outcome of the provider call and the next state of the notification. */
export interface Ending {
  id: string;
  n: number;
  leaseToken: string;
  state: Extract<State, 'sent' | 'delivered' | 'retrying' | 'in_doubt' | 'failed' | 'dead' | 'pending'>;
  outcome: OutcomeClass;
  phase: Phase;
  provider: string;
  latencyMs: number;
  // Absent fields are omitted, not null: this halves the happy path's JSON, and parsing it dominates PostgreSQL's time
  // here.
  providerMessageId?: string;
  errorCode?: string;
  error?: string;
  /** For `retrying`, and for `in_doubt` when the resolver is to look: milliseconds from now. */
  retryInMs?: number;
  /** The attempt uses no try (limit, quota, own account, another account's turn): the try is returned. */
  refund?: true;
  /**
   * During a round over the accounts: those that certainly did not accept it. Any other ending clears them.
   */
  tried?: readonly string[];
  /** What happens now and why, for the timeline, behind the error. */
  consequence?: string;
  /** For `pending`: the next channel of the route and its lane. A new cycle begins there. */
  nextChannel?: Channel;
  nextLane?: Lane;
  /** The message of a doubtful call to a class-A provider. */
  rendered?: Message;
  /** The provider rejected the address. */
  refused?: RejectedAddress;
  /** It is one of many, whose ends are counted. */
  ofOrigin?: true;
}

/** An address that a provider refused, and what is known of the refusal. */
export interface RejectedAddress {
  appId: string;
  environment: Environment;
  channel: Channel;
  address: string;
  detail: string;
  /** The attempt that was refused. */
  attempt: { id: string; n: number };
  /** The provider account. */
  account: string;
  optedOut: boolean;
  since?: Date;
}

/** A claim that ended without a call: its attempt row is deleted, its number and its try are returned. */
export interface Release {
  id: string;
  n: number;
  leaseToken: string;
  state: Extract<State, 'retrying' | 'expired' | 'scheduled' | 'suppressed' | 'skipped' | 'pending'>;
  reason: string;
  /** For `retrying` and `scheduled`: milliseconds from now. */
  dueInMs: number | null;
  /** It is one of many, whose ends are counted. */
  ofOrigin?: true;
  /** For `pending`: the next channel of the route and its lane. */
  nextChannel?: Channel;
  nextLane?: Lane;
}
