import { hasEncodedWord } from '@carillon/core/provider/visible-text';
import { type Mailbox, mailboxOf, quoted } from '@carillon/core/recipient/mailbox';
import { encodeWord } from 'nodemailer/lib/mime-funcs';

/** An account's own sender. @throws unless it is one mailbox: at the start, not at the first send. */
export function accountSender(from: string): Mailbox {
  const mailbox = mailboxOf(from);
  if (mailbox) return mailbox;
  throw new Error('from must be one sender address, such as Acme <hello@acme.example>');
}

/** For APIs that copy a mailbox into a header unchanged: ASCII only, names in encoded words (RFC 2047) where needed. */
export function headerMailbox({ address, name }: Mailbox): string {
  if (name === '') return address;
  if (/^[\w ]*$/.test(name)) return `${name} <${address}>`;
  // Text that looks like an encoded word is itself encoded, or mail programs would decode it.
  if (/^[\x20-\x7e]*$/.test(name) && !hasEncodedWord(name)) return `${quoted(name)} <${address}>`;
  // An encoded word may have 75 characters, so a long name becomes several.
  return `${encodeWord(name, 'B', 52)} <${address}>`;
}
