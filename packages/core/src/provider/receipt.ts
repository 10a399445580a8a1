import type { State } from '../notification/states.ts';

/**
 * What a provider reports after a send. `bounced` and `complained` are about the address (it is suppressed);
 * `soft_bounced` is temporary; `failed` is about the message or the network. `opened` and `clicked` prove a delivery; so do `seen` and
 * `read`, which the in-app inbox reports.
 * `opted_out` and `opted_in` are STOP and START keywords; `unsubscribed` is a provider's own unsubscribe link.
 */
export const RECEIPT_KINDS = [
  'accepted',
  'delayed',
  'delivered',
  'soft_bounced',
  'bounced',
  'failed',
  'complained',
  'opted_out',
  'opted_in',
  'unsubscribed',
  'opened',
  'clicked',
  'seen',
  'read',
] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

export interface Receipt {
  /** Unique within the provider account: repetitions are applied once. */
  eventId: string;
  kind: ReceiptKind;
  /** The attempt id sent with the call, if the provider returns it. */
  attemptId?: string;
  providerMessageId?: string;
  /** The address it is about. */
  address?: string;
  at?: Date;
  /** The provider's code and text, for display. */
  code?: string;
  detail?: string;
  /** For `clicked`. */
  url?: string;
  /** For `opened` and `clicked`: caused by a scanner or a mail program, not by the person. */
  machine?: boolean;
}

/**
 * The state a receipt moves its notification to: only these moves exist, and each is forward. A kind or a state that is
 * not listed changes nothing, so a late or repeated receipt cannot move anything back.
 */
export const RECEIPT_MOVES: Readonly<Partial<Record<ReceiptKind, Readonly<Partial<Record<State, State>>>>>> =
  {
    accepted: { in_doubt: 'sent' },
    delayed: { in_doubt: 'sent' },
    delivered: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    opened: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    clicked: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    seen: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    read: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    complained: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    unsubscribed: { sending: 'delivered', in_doubt: 'delivered', sent: 'delivered' },
    soft_bounced: { sending: 'failed', in_doubt: 'failed', sent: 'failed' },
    bounced: { sending: 'failed', in_doubt: 'failed', sent: 'failed', delivered: 'failed' },
    failed: { sending: 'failed', in_doubt: 'failed', sent: 'failed' },
    opted_out: { sending: 'failed', in_doubt: 'failed', sent: 'failed' },
  };

/** @returns null where the receipt changes nothing. */
export function receiptMove(kind: ReceiptKind, state: State): State | null {
  return RECEIPT_MOVES[kind]?.[state] ?? null;
}

/** Receipts that prove that the provider accepted the message: evidence for the resolver. */
export const PROOFS_OF_ACCEPTANCE: readonly ReceiptKind[] = RECEIPT_KINDS.filter(
  (kind) => kind !== 'opted_in' && receiptMove(kind, 'in_doubt') !== null,
);
