import type { InAppMessage } from '@carillon/core/notification/message';
import type { NotAccepted } from '@carillon/core/provider/outcome';
import type { ProviderAdapter } from '../contract.ts';
import { type MayWrite, mayWriteNow } from '../http/may-write.ts';
import { failureOutcome, LeaseOver } from '../outcome/call-failure.ts';

/** The store certainly did not accept a message, with the outcome. */
export class NotStored extends Error {
  readonly outcome: NotAccepted;

  constructor(outcome: NotAccepted) {
    super(outcome.message);
    this.name = 'NotStored';
    this.outcome = outcome;
  }
}

/**
 * The in-app inbox: a table of this system, so acceptance is delivery. Class A: storing under the notification's id a
 * second time changes nothing.
 *
 * @param store puts the message into the recipient's inbox, once per notification id, only if `mayWrite` returns true
 *   when its statement is about to be sent; returns whether it did. It may throw: NotStored is an answer; an
 *   unavailable PostgreSQL is a broken connection, and the attempt is then settled like any other that lost its worker.
 */
export function inboxAdapter(
  store: (message: InAppMessage, notificationId: string, mayWrite?: MayWrite) => Promise<boolean>,
): ProviderAdapter<InAppMessage> {
  return {
    provider: 'inbox',
    channel: 'in_app',
    guarantee: 'A',
    serves: (message) => message.channel === 'in_app',
    async send(message, { notificationId, signal, mayWrite }) {
      try {
        do {
          if (!(await mayWriteNow(mayWrite, signal)))
            return failureOutcome('The inbox', new LeaseOver(), 'started');
        } while (!(await store(message, notificationId, mayWrite)));
      } catch (error) {
        if (error instanceof NotStored) return error.outcome;
        throw error;
      }
      return { class: 'accepted', providerMessageId: notificationId, delivered: true };
    },
    // The caller has just written to the same database.
    probe: async () => ({ healthy: true }),
    close: async () => {},
  };
}
