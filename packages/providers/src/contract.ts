import type { Channel } from '@carillon/core/channel';
import type { GuaranteeClass } from '@carillon/core/guarantee';
import type { Message } from '@carillon/core/message';
import type { Outcome } from '@carillon/core/outcome';
import type { Receipt } from '@carillon/core/receipt';

/**
 * The seam between the pipeline and a provider. An adapter turns one rendered message into one call and one answer
 * into an Outcome. It never retries, never looks at a database and never throws for an answer; what it throws is a bug.
 */
export interface ProviderAdapter<M extends Message = Message> {
  /** `resend`, `smtp`, `twilio` ... as in the ledger and in receipts' URLs. */
  readonly provider: string;
  readonly channel: Channel;
  readonly guarantee: GuaranteeClass;
  /** Calls it carries at the same time: what comes beyond would wait inside it for a connection. Undefined: any number. */
  readonly atOnce?: number;
  /** False when this account cannot carry the message (a Web Push subscription offered to FCM). */
  serves(message: M): boolean;
  send(message: M, call: Call): Promise<Outcome>;
  /** Class A: the code of its answer to a key that came before with another body. It has that body, then. */
  readonly keyConflictCode?: string;
  /** Class B: asks the provider about a call whose answer was lost. */
  readonly lookup?: Lookup<M>;
  /** How to ask what became of a message; only where its receipts cannot come by themselves. */
  readonly reports?: Reports;
  /** One cheap authenticated question that sends nothing, for a breaker that thinks of closing. */
  probe?(signal: AbortSignal): Promise<Probe>;
  /** Closes sockets and pools; in-flight calls may finish. */
  close(): Promise<void>;
}

/** One provider call: who it is for and how long it may take. */
export interface Call {
  notificationId: string;
  /** `<notification id>/<n>`: the idempotency key where the provider has one, else planted where it comes back. */
  attemptId: string;
  /** Fires at the deadline. The adapter must settle soon after: `in_doubt` if anything was written, else `transient`. */
  signal: AbortSignal;
  /**
   * Asked in the moment before the first byte is written: false when the lease has run out meanwhile (the process was
   * stopped, or waited long for a socket), for then somebody else may already be settling this attempt.
   */
  mayWrite?(): boolean;
  /** Of no use afterwards: providers that keep messages for absent devices are told. */
  expiresAt?: Date;
}

/** How a provider can be asked whether it has a message. */
export interface Lookup<M extends Message = Message> {
  /** Only this long after the call is "it is not there" to be believed, in milliseconds. */
  settlesAfterMs: number;
  find(message: M, lost: LostCall): Promise<Evidence>;
}

/** The call whose answer was lost. */
export interface LostCall {
  notificationId: string;
  attemptId: string;
  startedAt: Date;
  signal: AbortSignal;
  /** Which of these messages are known to be other attempts': for lookups that go by words and numbers. */
  recorded?(providerMessageIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/**
 * What a lookup found: `unknown` covers ambiguous matches and lookups that failed; it settles nothing. `unanswered` says
 * that the provider could not be asked just now, so that it is worth asking again.
 */
export type Evidence =
  | { found: 'accepted'; providerMessageId: string; evidence: string }
  | { found: 'absent'; evidence: string }
  | { found: 'unknown'; why: string; unanswered?: boolean };

/** How a provider is asked what became of a message it accepted. */
export interface Reports {
  /** So long after the send the provider gives a message up: little is learnt by asking later. In milliseconds. */
  finalAfterMs: number;
  /** Asks about one message. Never throws for an answer: one that cannot be read tells nothing. */
  of(providerMessageId: string, signal: AbortSignal): Promise<Report>;
}

/**
 * A receipt that was asked for, in the words of one that came by itself. `unanswered` says that the provider could not be
 * asked just now, so that this was no question; otherwise it was, and there is nothing to learn from the answer.
 */
export type Report = { receipt: Receipt } | { receipt: null; why: string; unanswered: boolean };

/** `healthy` says the account would take a message now. */
export type Probe = { healthy: true } | { healthy: false; why: string };

/** A configured account at a provider: what `choose` picks from and what a limit or a breaker is held for. */
export interface ProviderAccount {
  /** Unique over all accounts, e.g. `resend` or `twilio-eu`: written to attempts as `provider`. */
  id: string;
  adapter: ProviderAdapter;
  /** Lower is tried first. */
  order: number;
  /** Messages per second over all workers; undefined is unlimited. */
  ratePerSecond?: number;
}
