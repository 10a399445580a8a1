import addressparser from 'nodemailer/lib/addressparser';
import { encodeWord } from 'nodemailer/lib/mime-funcs';

/** One sender, as mail programs write it: `Acme <hello@acme.example>` or the bare address. */
export interface Mailbox {
  address: string;
  /** Empty where there is none. */
  name: string;
}

/** @returns null unless the text is exactly one mailbox. */
export function mailboxOf(text: string): Mailbox | null {
  const [first, ...others] = addressparser(text);
  if (first?.address === undefined || others.length > 0 || !first.address.includes('@')) return null;
  return { address: first.address, name: first.name };
}

/** An account's own sender. @throws unless it is one mailbox: at the start, not at the first send. */
export function accountSender(from: string): Mailbox {
  const mailbox = mailboxOf(from);
  if (mailbox) return mailbox;
  throw new Error('from must be one sender address, such as Acme <hello@acme.example>');
}

/** For APIs that put a mailbox into a header as it is: ASCII only, names in encoded words (RFC 2047) where needed. */
export function headerMailbox({ address, name }: Mailbox): string {
  if (name === '') return address;
  if (/^[\w ]*$/.test(name)) return `${name} <${address}>`;
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
  // An encoded word may have 75 characters, so a long name becomes several.
  return `${encodeWord(name, 'B', 52)} <${address}>`;
}
