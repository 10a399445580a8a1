import { domainToASCII } from 'node:url';

/** What an e-mail address is for us, alone and as a sender: what the API takes and what forms take. */

/** Completes the sentence `"<value>" ...`. */
export const NOT_AN_EMAIL =
  'is not an e-mail address; give one such as ada@example.com (at most 254 characters)';

const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;

/** RFC 5321: 64 octets before the @, 254 in all. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && text.indexOf('@') <= 64 && EMAIL.test(text);
}

/**
 * The domain as DNS has it: `ada@bücher.example` is written to ada@xn--bcher-kva.example (IDNA, UTS 46). What stands before
 * the @ must be ASCII: hardly a provider takes anything else (RFC 6531).
 *
 * @returns the text as it is if it has no such domain.
 */
export function asciiEmail(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  if (at < 0 || !INTERNATIONAL.test(domain) || UNFIT.test(domain)) return text;
  const ascii = domainToASCII(domain);
  return ascii === '' ? text : text.slice(0, at + 1) + ascii;
}

const INTERNATIONAL = /[^\0-\x7f]/;
/** Node reads a domain as browsers do: it drops line breaks and whatever follows a slash, and the rest would look right. */
const UNFIT = /[^A-Za-z0-9.\-\u00a1-\u{10ffff}]/u;

const NAMED = /^([^<>]*<)([^<>]+)>$/;

/** `ada@example.com` or `Ada Lovelace <ada@example.com>`; that it is a single line is for the caller to see to. */
export function isMailbox(text: string): boolean {
  return isEmail(NAMED.exec(text)?.[2] ?? text);
}

/** asciiEmail for a mailbox: its name stays, for headers can say any name. */
export function asciiMailbox(text: string): string {
  const named = NAMED.exec(text);
  return named ? `${named[1]}${asciiEmail(named[2]!)}>` : asciiEmail(text);
}
