import type { Channel } from '../notification/channel.ts';
import type { SuppressionReason } from '../recipient/suppression.ts';
import type { EventType } from '../webhook/event.ts';
import type { ReceiptKind } from './receipt.ts';

/** What a receipt means beyond the state of its message. */
export interface ReceiptPolicy {
  /** Providers may report it again under other event ids: it counts once per message. */
  oncePerMessage?: true;
  /** The reason for which the address is suppressed. */
  suppresses?: SuppressionReason;
  /** Applies to every app that may send through the account: people answer the sender, not one of its apps. */
  forAllAppsOfSender?: true;
  /**
   * The contact point is disabled at once (`true`), or after SOFT_BOUNCE_LIMIT of them without a delivery in between.
   */
  disablesContactPoint?: 'at once' | 'after some';
  /** Recorded as a preference where the person and the category are known, instead of a suppression. */
  optsOut?: true;
  /** The event for customers' endpoints. Changes of state have their own (ANNOUNCED_STATES). */
  event?: EventType;
}

/**
 * The policy on bounces, complaints and opt-outs, in one table: an address that bounced permanently or complained gets
 * no more messages, one that keeps soft-bouncing is disabled, an unsubscribe is a preference. Kinds without an entry
 * only change the state of their message.
 */
export const RECEIPT_POLICY: Readonly<Record<ReceiptKind, ReceiptPolicy>> = {
  accepted: {},
  delayed: {},
  delivered: {},
  failed: {},
  bounced: {
    oncePerMessage: true,
    suppresses: 'bounce',
    disablesContactPoint: 'at once',
    event: 'notification.bounced',
  },
  soft_bounced: { oncePerMessage: true, disablesContactPoint: 'after some', event: 'notification.bounced' },
  complained: { oncePerMessage: true, suppresses: 'complaint', event: 'notification.complained' },
  opted_out: { suppresses: 'stop', forAllAppsOfSender: true },
  opted_in: { forAllAppsOfSender: true },
  unsubscribed: { suppresses: 'unsubscribe', optsOut: true },
  opened: { event: 'notification.opened' },
  clicked: { event: 'notification.clicked' },
  seen: { oncePerMessage: true, event: 'notification.seen' },
  read: { oncePerMessage: true, event: 'notification.read' },
};

/** This many soft bounces without a delivery in between disable a contact point. */
export const SOFT_BOUNCE_LIMIT = 5;

/**
 * Why an address is suppressed after a receipt that names no known message, and so no app and no category: then it
 * applies to every app that may send through the account.
 *
 * @returns null where the address may still be used.
 */
export function suppressesAddress(kind: ReceiptKind): SuppressionReason | null {
  return RECEIPT_POLICY[kind].suppresses ?? null;
}

/** Whether a receipt affects its address, even if its message is unknown. `opted_in` lifts a STOP. */
export function concernsAddress(kind: ReceiptKind): boolean {
  return kind === 'opted_in' || suppressesAddress(kind) !== null;
}

/**
 * The consequence of a provider rejecting an address in its answer to a send: a mailbox that does not exist is
 * suppressed, because trying again costs the sender's reputation. A number or a push token is not: trying again costs
 * nothing, and an app may get the same token again from the operating system.
 */
export function rejectionSuppresses(rejection: {
  channel: Channel;
  optedOut: boolean;
}): SuppressionReason | null {
  if (rejection.optedOut) return 'stop';
  return rejection.channel === 'email' ? 'bounce' : null;
}
