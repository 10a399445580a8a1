import type { InAppMessage } from '@carillon/core/message';
import { failureOutcome, LeaseOver } from '../call-failure.ts';
import type { ProviderAdapter } from '../contract.ts';

/**
 * The in-app inbox: our own table, so acceptance is delivery. Class A: storing under the notification's id a second
 * time changes nothing.
 *
 * @param store puts the message into the recipient's inbox, once per notification id. It may throw: PostgreSQL being
 *   away is a broken pipe, and the attempt is then settled like any other that lost its worker.
 */
export function inboxAdapter(
  store: (message: InAppMessage, notificationId: string) => Promise<void>,
): ProviderAdapter<InAppMessage> {
  return {
    provider: 'inbox',
    channel: 'in_app',
    guarantee: 'A',
    serves: (message) => message.channel === 'in_app',
    async send(message, { notificationId, mayWrite }) {
      if (mayWrite?.() === false) return failureOutcome('The inbox', new LeaseOver(), 'started');
      await store(message, notificationId);
      return { class: 'accepted', providerMessageId: notificationId, delivered: true };
    },
    // Whoever asks has just written to the same database.
    probe: async () => ({ healthy: true }),
    close: async () => {},
  };
}
