import type { Content, Message } from '@carillon/core/message';
import type { Outcome } from '@carillon/core/outcome';
import type { State } from '@carillon/core/states';
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
  | { kind: 'unsent'; retryInMs: number; reason: string }
  /** Quiet hours: it is `scheduled` again and comes back by itself. */
  | { kind: 'held'; forMs: number; reason: string }
  /** Suppressed address, opt-out or cap: final. */
  | { kind: 'unwanted'; state: 'suppressed' | 'skipped'; reason: string }
  | { kind: 'too_late' };

/** A step either goes on with what it made, or ends the attempt. */
export type Step<T> = ({ ok: true } & T) | { ok: false; end: AttemptEnd };

export interface Steps {
  claim(id: string): Promise<{ ok: true; claimed: Claimed } | { ok: false; delivery: Delivery }>;
  guard(claimed: Claimed): Promise<Step<{ compose: (content: Content) => Message }>>;
  render(claimed: Claimed, compose: (content: Content) => Message): Promise<Step<{ message: Message }>>;
  choose(claimed: Claimed, message: Message): Promise<Step<{ account: ProviderAccount }>>;
  permit(claimed: Claimed, account: ProviderAccount): Promise<Step<object>>;
  send(claimed: Claimed, message: Message, account: ProviderAccount): Promise<AttemptEnd>;
  record(claimed: Claimed, end: AttemptEnd): Promise<Delivery>;
}
