import type { Channel } from '@carillon/core/notification/channel';
import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { InboxEvidence } from './inboxes.ts';

/** The three sources of evidence of a run, and the faults of the system meanwhile. All times in ms since the epoch. */
export interface Evidence {
  /** The requests of the load generator and their answers. */
  asked: readonly Asked[];
  /** What the providers accepted, in order. */
  ledger: readonly LedgerEntry[];
  /** The database at the end. */
  rows: readonly Row[];
  attempts: readonly Attempt[];
  history: readonly HistoryEntry[];
  /** Ids of the messages in the in-app inboxes. */
  inbox: ReadonlySet<string>;
  /** What streams brought to their clients, and what the rows of inboxes say; missing where nobody followed them. */
  inboxes?: InboxEvidence;
  /** Outbox rows that still announce a delivery. */
  outboxLeft: number;
  /** The first audit row whose hash does not follow from its predecessor; null when the chain holds. */
  auditBrokenAt: string | null;
  faults: readonly FaultRecord[];
  /** The provider accounts and the environments each may be used for. */
  accounts: Readonly<Record<string, readonly Environment[]>>;
  /** Forged receipts, by what the API said to them. */
  forged: { taken: number; refused: number };
  /** When the evidence was collected. */
  now: number;
}

/** One notification as a client knows it. */
export interface Asked {
  key: string;
  /** Computed from the key, so that it is known even when every answer was lost. */
  id: string;
  environment: Environment;
  /** The first of its route. */
  channel: Channel;
  priority: Priority;
  policy: DeliveryPolicy;
  /** Its recipient is one that a provider refuses: `failed` is the right end. */
  refusable: boolean;
  sendAt: number | null;
  expiresAt: number | null;
  orderingKey: string | null;
  /** Its campaign was cancelled: a doubt is not sent again, and waits for evidence or a person. */
  isOfCancelled?: boolean;
  /**
   * `unknown`: no request with this key was ever answered; it may exist or not. `too late`: refused because it had
   * expired by the time the API was reachable; then nothing is sent, for what exists is
   * answered as a repeat; what was stored by an earlier request that still waited for a lock is expired.
   */
  answer: 'accepted' | 'unknown' | 'too late' | `refused: ${string}`;
  /** When the first 202 came; null without one. */
  acceptedAt: number | null;
  /** When a 200 to its cancel came; null when it was not cancelled. */
  cancelledAt: number | null;
  /** An answer that named another id than the first did. */
  otherId?: string;
}

/** One acceptance by a provider. */
export interface LedgerEntry {
  seq: number;
  at: number;
  provider: string;
  notificationId: string | null;
  attemptId: string | null;
}

export interface Row {
  id: string;
  state: State;
  priority: Priority;
  /** The account of its last attempt. */
  provider: string | null;
  createdAt: number;
  orderingKey: string | null;
  error: string | null;
  /** In doubt, and the resolver no longer tries it: it waits for a person. */
  isHeld: boolean;
}

export interface Attempt {
  notificationId: string;
  n: number;
  /** The provider account. */
  account: string;
  /** Null while it is open. */
  outcome: OutcomeClass | null;
  /** When its call began, computed from its end and duration; null if not recorded. */
  calledAt: number | null;
}

export interface HistoryEntry {
  notificationId: string;
  at: number;
  state: State;
  actor: string;
  reason: string;
  detail: Readonly<Record<string, unknown>> | null;
}

/** One fault of the nemesis: its kind, target, start and end. */
export interface FaultRecord {
  kind: string;
  target: string;
  from: number;
  to: number;
  /** It lies on the wire between workers and providers: what was written in time may arrive late. */
  delaysProviders: boolean;
  /** For a loss of Redis: ms from the moment it answered again until the loss was declared; null: never seen. */
  noticedAfterMs?: number | null;
}
