import type { InAppMessage } from '@carillon/core/message';
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
    async send(message, { notificationId }) {
      await store(message, notificationId);
      return { class: 'accepted', providerMessageId: notificationId, delivered: true };
    },
    close: async () => {},
  };
}
