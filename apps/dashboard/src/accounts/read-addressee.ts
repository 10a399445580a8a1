import type { Channel } from '@carillon/core/notification/channel';
import { readEmail } from '@carillon/core/recipient/email-address';
import { readPhone } from '@carillon/core/recipient/phone-number';
import type { SendTarget } from '@carillon/services/notifications/accept-submission';

/** The longest text that is read: one more than any valid address, so that truncation cannot make one valid. */
export const MAX_ADDRESSEE = 321;
const MAX_RECIPIENT_ID = 255;

/**
 * Reads the target of a test message for this channel: an address, or a recipient for devices and inboxes.
 *
 * @returns the problem of the text, if there is one.
 */
export function readAddressee(
  channel: Channel,
  text: string | undefined,
): { to: SendTarget } | { problem: string } {
  if (text === undefined) return { problem: 'Say who gets it.' };
  if (channel === 'email') {
    const read = readEmail(text);
    return 'email' in read ? { to: { email: read.email } } : { problem: `"${text}" ${read.problem}.` };
  }
  if (channel === 'sms') {
    const read = readPhone(text);
    return 'phone' in read ? { to: { phone: read.phone } } : { problem: `"${text}" ${read.problem}.` };
  }
  return text.length <= MAX_RECIPIENT_ID
    ? { to: { recipient_id: text } }
    : { problem: `A recipient id has at most ${MAX_RECIPIENT_ID} characters; give a shorter one.` };
}
