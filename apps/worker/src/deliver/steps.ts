import type { Channel } from '@carillon/core/channel';
import type { Content, Message } from '@carillon/core/message';
import type { Outcome } from '@carillon/core/outcome';
import type { State } from '@carillon/core/states';
import type { Line } from '@carillon/db/queries/advance-order';
import type { ClaimedRow } from '@carillon/db/queries/claim-notifications';
import type { ProviderAccount } from '@carillon/providers/contract';

/** What the steps of a delivery hand to each other. */

/** A notification whose lease this worker holds and whose attempt row is committed. */
export interface Claimed extends ClaimedRow {
  leaseToken: string;
  /** The account named in the attempt row so far. */
  expectedProvider: string;
  /** When the lease ends, by `performance.now()`; taken before the claim's statement, so never later than the row says. */
  leaseEndsAt: number;
  /** A doubtful call made again by the resolver: the first one may have been taken, so it is never given back as unsent. */
  isRepeat?: true;
}

/** Where a notification stands when this worker is done with it; `consume` turns it into the job's fate. */
export type Delivery =
  | { now: 'settled'; state: State | 'unknown' }
  /** It comes back at `at` (ms since the epoch). */
  | { now: 'waiting'; at: number }
  /** It ended badly and belongs into the failed set, where a person sees it. */
  | { now: 'stuck'; reason: string };

/** How an attempt ends: with a provider's answer, without a call because it cannot work, or unsent for now. */
export type AttemptEnd =
  | { kind: 'answered'; outcome: Outcome; account: ProviderAccount; latencyMs: number; message: Message }
  | { kind: 'impossible'; code: string; reason: string }
  /** What it is made of cannot be had now: a try like any other, without a call. */
  | { kind: 'unready'; code: string; reason: string; schedule?: readonly number[] | undefined }
  | { kind: 'unsent'; retryInMs: number; reason: string }
  /** No account of this channel takes calls now, and it cannot wait for one: on by the next channel of its route. */
  | { kind: 'elsewhere'; nextChannel: Channel; reason: string }
  /** Quiet hours: it is `scheduled` again and comes back by itself. */
  | { kind: 'held'; forMs: number; reason: string }
  /** Suppressed address, opt-out or cap: final, unless it is only here that it is unwanted and the route goes on. */
  | { kind: 'unwanted'; state: 'suppressed' | 'skipped'; reason: string; onlyHere?: true }
  | { kind: 'too_late'; reason?: string };

/** A step either goes on with what it made, or ends the attempt. */
export type Step<T> = ({ ok: true } & T) | { ok: false; end: AttemptEnd };

/** A claim that was not given; `line` if the notification has an ordering key. */
export interface Refused {
  ok: false;
  delivery: Delivery;
  line?: Line;
}

export interface Steps {
  claim(id: string): Promise<{ ok: true; claimed: Claimed } | Refused>;
  guard(claimed: Claimed): Promise<Step<{ compose: (content: Content) => Message }>>;
  render(claimed: Claimed, compose: (content: Content) => Message): Promise<Step<{ message: Message }>>;
  choose(claimed: Claimed, message: Message): Promise<Step<{ account: ProviderAccount }>>;
  /** Puts the files of an e-mail into the message; `detach` gives back the memory set aside for them. */
  attach(claimed: Claimed, message: Message): Promise<Step<{ message: Message; detach(): void }>>;
  /** May it be called now? `leave` gives its seat to the next, as soon as the call is over. */
  permit(claimed: Claimed, account: ProviderAccount): Promise<Step<{ leave(): void }>>;
  send(claimed: Claimed, message: Message, account: ProviderAccount): Promise<AttemptEnd>;
  record(claimed: Claimed, end: AttemptEnd): Promise<Delivery>;
}
