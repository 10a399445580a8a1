import type { Notification } from '@carillon/client/api-types';

/** Whom it is for, in a few characters: the address of the request, else the id of the recipient. */
export function recipientOf({ to, channel }: Pick<Notification, 'to' | 'channel'>): string {
  const address = channel === 'email' ? to.email : channel === 'sms' ? to.phone : undefined;
  const device = to.push ? `${to.push.kind} ...${to.push.ends_with}` : undefined;
  return address ?? to.recipient_id ?? to.email ?? to.phone ?? device ?? 'nobody';
}
