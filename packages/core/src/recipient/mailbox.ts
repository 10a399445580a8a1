import { hasEncodedWord } from '../provider/visible-text.ts';
import { asciiEmail, canonicalEmail } from './email-address.ts';

/**
 * Sender and reply-to addresses: `ada@example.com` or `Ada Lovelace <ada@example.com>`. This is the only parser of such
 * texts, in the API and in the worker, so that both find the same address in a text; each wire format writes the two
 * parts in its own way.
 *
 * The address is the text in the angle brackets at the end. The name before it is a phrase of RFC 5322 (words and
 * quoted strings, `"Acme, Inc." <...>`) or else plain text as people write it: `Acme: Support (EU)` is a
 * name, not a group with a comment.
 */
export interface Mailbox {
  /** Empty where there is none. */
  name: string;
  address: string;
}

/** Completes the sentence `"<value>" ...`. */
export const NOT_A_MAILBOX = 'is not an e-mail sender; give ada@example.com or Ada <ada@example.com>';

/** @returns the mailbox, or its fault: a text that completes the sentence `"<value>" ...`. */
export function readMailbox(text: string): { mailbox: Mailbox } | { problem: string } {
  const parts = partsOf(text);
  if (parts === null) return { problem: NOT_A_MAILBOX };
  if (parts.several) return { problem: 'is more than one e-mail address; give one' };
  if (hasEncodedWord(text))
    return {
      problem:
        'has an encoded word (=?...?=), which mail programs would decode; write the name itself, in any characters',
    };
  const address = canonicalEmail(parts.address);
  return address === null ? { problem: NOT_A_MAILBOX } : { mailbox: { name: parts.name, address } };
}

/**
 * The same for stored or configured texts: earlier versions accepted more, and an account's own server may know names
 * such as `hello@localhost`.
 *
 * @returns null unless the text is one mailbox.
 */
export function mailboxOf(text: string): Mailbox | null {
  const parts = partsOf(text);
  if (parts === null || parts.several) return null;
  const address = canonicalEmail(parts.address) ?? parts.address;
  return /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(address) || canonicalEmail(address) !== null
    ? { name: parts.name, address }
    : null;
}

/** The domain of the address in DNS form; everything else is unchanged. */
export function asciiMailbox(text: string): string {
  const named = /^([^<>]*<)([^<>]+)>$/.exec(text);
  return named ? `${named[1]}${asciiEmail(named[2]!)}>` : asciiEmail(text);
}

/**
 * `"Acme, Inc." <hello@acme.example>`: the name in quotes where RFC 5322 requires them, characters outside ASCII
 * unchanged.
 */
export function mailboxText({ name, address }: Mailbox): string {
  if (name === '') return address;
  const phrase = /^[\w \u00a1-\u{10ffff}-]*$/u.test(name) ? name : quoted(name);
  return `${phrase} <${address}>`;
}

/** A quoted string of RFC 5322, 3.2.4. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

interface Parts extends Mailbox {
  several: boolean;
}

function partsOf(text: string): Parts | null {
  const whole = text.trim();
  if (!whole.endsWith('>'))
    return { name: '', address: whole, several: /[,;]/.test(whole) && !whole.startsWith('"') };
  const open = whole.lastIndexOf('<');
  const before = whole.slice(0, open).trim();
  const address = whole.slice(open + 1, -1);
  const phrase = phraseOf(before);
  if (phrase !== null) return { name: phrase, address, several: false };
  if (/[<>]/.test(before)) return { name: before, address, several: true };
  return { name: before, address, several: listsAddresses(before) };
}

/** The words of a phrase that has a quoted string; null if the text is not one. */
function phraseOf(text: string): string | null {
  if (!text.includes('"')) return null;
  const words: string[] = [];
  for (const [whole, inner, plain] of text.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]+)(?=\s|$)|\S+/g)) {
    if (inner === undefined && plain === undefined) return null;
    if (plain !== undefined && /[<>@,;:]/.test(plain)) return null;
    words.push(inner === undefined ? whole : inner.replace(/\\(.)/g, '$1'));
  }
  return words.join(' ').trim();
}

/** `a@example.com, Ada`: an address among others, not a name that looks like one. */
function listsAddresses(name: string): boolean {
  const pieces = name.split(/[,;]/);
  return pieces.length > 1 && pieces.some((piece) => canonicalEmail(piece.trim()) !== null);
}
