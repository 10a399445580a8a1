import type { Message } from '@carillon/core/message';

/** What a suppression of this message's channel is of. */
export function addressOf(message: Message): string {
  if (message.channel === 'in_app') return message.recipientId;
  const { to } = message;
  if (typeof to === 'string') return to;
  if ('subscription' in to) return to.subscription.endpoint;
  return 'fcm_token' in to ? to.fcm_token : to.apns_token;
}
