import type { Channel } from '@carillon/core/channel';
import { asciiEmail, isEmail, NOT_AN_EMAIL } from '@carillon/core/email-address';
import { isPhone, NOT_A_PHONE } from '@carillon/core/phone-number';
import type { Addressee } from '@carillon/db/queries/accept-account-test';

/** The longest text that is read: one more than any address has, so that none becomes good by being cut. */
export const MAX_ADDRESSEE = 321;
const MAX_RECIPIENT_ID = 255;

/**
 * Who a person wants a message of this channel sent to: an address, or for devices and inboxes a recipient.
 *
 * @returns what is wrong with the text in words, if anything is.
 */
export function readAddressee(
  channel: Channel,
  text: string | undefined,
): { to: Addressee } | { problem: string } {
  if (text === undefined) return { problem: 'Say who gets it.' };
  if (channel === 'email') {
    const email = asciiEmail(text);
    return isEmail(email) ? { to: { address: { email } } } : { problem: `"${text}" ${NOT_AN_EMAIL}.` };
  }
  if (channel === 'sms')
    return isPhone(text) ? { to: { address: { phone: text } } } : { problem: `"${text}" ${NOT_A_PHONE}.` };
  return text.length <= MAX_RECIPIENT_ID
    ? { to: { recipientId: text } }
    : { problem: `A recipient id has at most ${MAX_RECIPIENT_ID} characters; give a shorter one.` };
}
