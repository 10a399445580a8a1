import type { Channel } from '@carillon/core/notification/channel';
import type { Message } from '@carillon/core/notification/message';
import type { Priority } from '@carillon/core/notification/priority';
import type { GuaranteeClass } from '@carillon/core/provider/guarantee';
import type { Outcome } from '@carillon/core/provider/outcome';
import type { Receipt } from '@carillon/core/provider/receipt';
import type { MayWrite } from './http/may-write.ts';

/**
 * The interface between the pipeline and a provider. An adapter turns one rendered message into one call and one answer
 * into an Outcome. It never retries, never looks at a database and never throws for an answer; what it throws is a bug.
 */
export interface ProviderAdapter<M extends Message = Message> {
  /** `resend`, `smtp`, `twilio` ... as in the ledger and in receipts' URLs. */
  readonly provider: string;
  readonly channel: Channel;
  readonly guarantee: GuaranteeClass;
  /**
   * The most concurrent calls: more would wait inside it for a connection. Undefined: any number.
   */
  readonly atOnce?: number;
  /** How slow a healthy server of this account may be; only if it is slower than usual. */
  readonly patience?: Patience;
  /** False when this account cannot carry the message (a Web Push subscription offered to FCM). */
  serves(message: M): boolean;
  send(message: M, call: Call): Promise<Outcome>;
  /** Class A: the code of its answer to a key already used with another body. It then has that body. */
  readonly keyConflictCode?: string;
  /** Class B: looks up a call whose answer was lost. */
  readonly lookup?: Lookup<M>;
  /** How to query the result of a message; only if its receipts are not pushed. */
  readonly reports?: Reports;
  /** One cheap authenticated request that sends nothing, for a breaker that may close. */
  probe?(signal: AbortSignal): Promise<Probe>;
  /** Closes sockets and pools; in-flight calls may finish. */
  close(): Promise<void>;
}

/** All in milliseconds. */
export interface Patience {
  /**
   * In addition to the deadline of every call: until a connection is open, greeted and logged in. Nothing is written
   * meanwhile.
   */
  startMs: number;
  /** From the first byte of the message to the answer, if that may exceed the deadline of every call. */
  answerMs: number;
  /** An unanswered call counts as failed for the breaker only after this. */
  hangsAfterMs: number;
}

/** One provider call: who it is for and how long it may take. */
export interface Call {
  notificationId: string;
  /** Push services wake a sleeping device for `critical` at once, and let `bulk` wait for a convenient time. */
  priority?: Priority;
  /** `<notification id>/<n>`: the idempotency key if the provider has one, else placed in a field that is returned. */
  attemptId: string;
  /**
   * Fires at the deadline. The adapter must settle soon after: `in_doubt` if anything was written, else `transient`.
   */
  signal: AbortSignal;
  /** Called immediately before the first byte is written, on an open connection (may-write.ts). */
  mayWrite?: MayWrite;
  /** The message expires then: passed to providers that keep messages for offline devices. */
  expiresAt?: Date;
  /**
   * The time, in ms since the epoch, by the clock that `expiresAt` refers to: PostgreSQL's. Default: this machine's.
   */
  now?: () => number;
}

/** How a provider is queried whether it has a message. */
export interface Lookup<M extends Message = Message> {
  /** "Not found" is reliable only this long after the call, in milliseconds. */
  settlesAfterMs: number;
  find(message: M, lost: LostCall): Promise<Evidence>;
}

/** The call whose answer was lost. */
export interface LostCall {
  notificationId: string;
  attemptId: string;
  startedAt: Date;
  /**
   * Only for a call that the database does not know, because it was restored from a backup: when it was written at the
   * latest. It may have been made several times then, so that every message of the notification counts, whatever the
   * number of its attempt.
   */
  endedAt?: Date;
  /** When it is asked, by the clock of `startedAt`: PostgreSQL's. This machine's may be an hour off. */
  askedAt: Date;
  signal: AbortSignal;
  /** Which of these messages are known to belong to other attempts: for lookups by text and number. */
  recorded?(providerMessageIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/**
 * What a lookup found: `unknown` covers ambiguous matches and lookups that failed; it settles nothing. `unanswered`
 * says that the provider could not be queried now, `tooNew` that it has a message that may also belong to a call whose
 * answer is on its way: then another query may help.
 */
export type Evidence =
  | { found: 'accepted'; providerMessageId: string; evidence: string }
  | { found: 'absent'; evidence: string }
  | { found: 'unknown'; why: string; unanswered?: boolean; tooNew?: boolean };

/** How a provider is queried for the result of a message it accepted. */
export interface Reports {
  /**
   * The time after the send at which the provider abandons a message: later queries are of little use. In milliseconds.
   */
  finalAfterMs: number;
  /** Queries one message. Never throws for an answer: an unreadable one has no result. */
  of(providerMessageId: string, signal: AbortSignal): Promise<Report>;
}

/**
 * A queried receipt, in the form of a pushed one. `unanswered` says that the provider could not be queried now, so the
 * query does not count; otherwise it counts, and the answer had no result.
 */
export type Report = { receipt: Receipt } | { receipt: null; why: string; unanswered: boolean };

/** `healthy` says the account would accept a message now. */
export type Probe = { healthy: true } | { healthy: false; why: string };

/** A configured account at a provider: `choose` selects one, and each has its own limits and breaker. */
export interface ProviderAccount {
  /** Unique over all accounts, e.g. `resend` or `twilio-eu`: written to attempts as `provider`. */
  id: string;
  adapter: ProviderAdapter;
  /** Lower is tried first. */
  order: number;
  /** Messages per second over all workers; undefined is unlimited. */
  ratePerSecond?: number;
}
