import { domainToASCII } from 'node:url';

/**
 * The canonical form of an e-mail address. All input is parsed here, and two addresses are compared only in this form.
 *
 * Accepted: dot-atoms and quoted strings before the @ (RFC 5321, 4.1.2), at most 64 characters; a domain name of at
 * least two labels, international ones too (IDNA); at most 254 characters in all (RFC 5321, 4.5.3.1). Rejected:
 * characters outside ASCII before the @ (RFC 6531: hardly any provider accepts them), address literals (`[192.0.2.1]`),
 * and `<` or `>` in a quoted string, which end an SMTP path in the client library.
 */

/** Completes the sentence `"<value>" ...`. */
export const NOT_AN_EMAIL =
  'is not an e-mail address; give one such as ada@example.com (at most 254 characters)';

const MAX_LENGTH = 254;
const MAX_LOCAL = 64;

/** RFC 5321: atext, without the dots between. */
const ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const DOT_ATOM = new RegExp(`^${ATEXT}(?:\\.${ATEXT})*$`);
const QUOTED = /^"(?:[ !#-;=?-[\]-~]|\\[ -;=?-~])+"$/;
const LOCAL_QUOTED = /^"(?:[^"\\]|\\.)*"/;
const DOMAIN =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;

/** Fast path for nearly every address: below 64 characters in all, its parts need no length check. */
const PLAIN = /^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/;

/**
 * @returns the canonical address, or its fault: a text that completes the sentence `"<value>" ...`.
 */
export function readEmail(text: string): { email: string } | { problem: string } {
  const email = canonicalEmail(text);
  return email === null ? { problem: problemOf(text) } : { email };
}

/**
 * The canonical form of an address: the domain in DNS form, in lower case (`xn--bcher-kva.example`); the local part in
 * the given case, because mail is delivered by it, and quoted only if required.
 *
 * @returns null for a text that is not an address.
 */
export function canonicalEmail(text: string): string | null {
  if (text.length < MAX_LOCAL && PLAIN.test(text)) return text;
  if (text.length > MAX_LENGTH) return null;
  const ascii = asciiEmail(text);
  const at = splitAt(ascii);
  if (ascii.length > MAX_LENGTH || at < 1 || at > MAX_LOCAL) return null;
  const local = ascii.slice(0, at);
  const domain = ascii.slice(at + 1);
  if (!DOMAIN.test(domain)) return null;
  if (DOT_ATOM.test(local)) return `${local}@${domain.toLowerCase()}`;
  if (!QUOTED.test(local)) return null;
  const content = local.slice(1, -1).replace(/\\(.)/g, '$1');
  const needed = DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
  return `${needed}@${domain.toLowerCase()}`;
}

/**
 * The domain as DNS has it: `ada@bücher.example` is written to ada@xn--bcher-kva.example (IDNA, UTS 46).
 *
 * @returns the text as it is if it has no such domain.
 */
export function asciiEmail(text: string): string {
  const at = splitAt(text);
  const domain = text.slice(at + 1);
  if (at < 0 || !INTERNATIONAL.test(domain) || UNFIT.test(domain)) return text;
  const ascii = domainToASCII(domain);
  return ascii === '' ? text : text.slice(0, at + 1) + ascii;
}

const INTERNATIONAL = /[^\0-\x7f]/;
/**
 * Node parses a domain as browsers do: it drops line breaks and everything after a slash, and the rest would look
 * valid.
 */
const UNFIT = /[^A-Za-z0-9.\-\u00a1-\u{10ffff}]/u;

/** Where the @ is between both parts: a quoted string may have others. -1 if there is none. */
function splitAt(text: string): number {
  if (!text.startsWith('"')) return text.lastIndexOf('@');
  const end = LOCAL_QUOTED.exec(text)?.[0].length ?? -1;
  return end > 0 && text[end] === '@' ? end : -1;
}

/** The fault, with the remedy if it is certain. */
function problemOf(text: string): string {
  const bare = text.trim();
  if (bare !== text && canonicalEmail(bare) !== null) return `has white space around it; give ${bare}`;
  if (/^mailto:/i.test(text)) return `begins with mailto:; give the address alone${suchAs(text.slice(7))}`;
  const named = /<([^<>]*)>\s*$/.exec(text)?.[1];
  if (named !== undefined) return `has a name or brackets; give the e-mail address alone${suchAs(named)}`;
  // Not one regular expression: with the two runs around the comma it would take quadratic time.
  if (/[,;]/.test(text.slice(text.indexOf('@') + 1, Math.max(0, text.lastIndexOf('@')))))
    return 'is more than one e-mail address; give one';
  if (text.includes('@[') && text.endsWith(']'))
    return 'has an address literal instead of a domain; give one such as ada@example.com';
  if (text.endsWith('.'))
    return `ends in a dot; give the e-mail address without it${suchAs(text.slice(0, -1))}`;
  const at = splitAt(text);
  if (at > MAX_LOCAL)
    return `has ${at} characters before the @; an e-mail address has at most ${MAX_LOCAL} there`;
  if (at > 0 && INTERNATIONAL.test(text.slice(0, at)))
    return 'has characters outside ASCII before the @, which mail providers do not take; give an e-mail address in ASCII';
  return NOT_AN_EMAIL;
}

function suchAs(text: string): string {
  const email = canonicalEmail(text.trim());
  return email === null ? ', such as ada@example.com' : `: ${email}`;
}
