import {
  categoryName,
  hasControls,
  hasEncodedWord,
  isBlank,
  nameProblem,
} from '@carillon/core/provider/visible-text';
import { asciiEmail, readEmail } from '@carillon/core/recipient/email-address';
import { isLanguageTag, MAX_LOCALE_LENGTH, NOT_A_LOCALE } from '@carillon/core/recipient/locale';
import { asciiMailbox } from '@carillon/core/recipient/mailbox';
import { readPhone } from '@carillon/core/recipient/phone-number';
import { readTime } from '@carillon/core/text/rfc3339';
import { z } from '@hono/zod-openapi';

/** Field types that several requests share. Messages complete the sentence `"<value>" ...`. */

/** Adds a problem found by a custom rule; null means no problem. */
function refusing(problemOf: (text: string) => string | null) {
  return (context: z.core.ParsePayload<string>): void => {
    const message = problemOf(context.value);
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
  };
}

/** Text that becomes a header or one line on a screen: a line break in it could inject another header. */
export function singleLine(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .check(
      refusing((text) =>
        hasControls(text) ? 'has a line break or another control character; remove it' : null,
      ),
    );
}

/** Text that people read: it must contain a visible character. */
export function visibleText() {
  return z.string().min(1).check(refusing(blankProblem));
}

/** A single line that people read: a subject, a title. */
export function visibleLine(max: number) {
  return singleLine(max).check(refusing(blankProblem));
}

/** A line that becomes an e-mail header. */
export function headerLine(max: number) {
  return visibleLine(max).check(
    refusing((text) =>
      hasEncodedWord(text)
        ? 'has an encoded word (=?...?=), which mail programs would decode; write the text itself, in any characters'
        : null,
    ),
  );
}

function blankProblem(text: string): string | null {
  return isBlank(text)
    ? 'has nothing to see in it: only white space or invisible characters; write something, or leave the field out'
    : null;
}

/**
 * A name or id that people or programs type (a template's key, a recipient's id, a category): no surrounding white
 * space, no invisible characters, Unicode normal form C. Compared exactly, except for categories.
 */
export function name(max: number) {
  return z.string().min(1).max(max).check(refusing(nameProblem));
}

/** A category, in the form used for comparison. A send keeps the given spelling until it is stored. */
export function category() {
  return name(64).transform(categoryName);
}

/** Device tokens: no spaces at all. */
export function token(max: number) {
  return z
    .string()
    .max(max)
    .regex(/^[\x21-\x7e]+$/, 'is not a token; pass it as the device gave it');
}

/**
 * A text that has one canonical form.
 *
 * @param canonicalOf returns null for invalid text.
 * @param keep leaves the given spelling, where the fingerprint is computed from it.
 */
export function canonical(canonicalOf: (text: string) => string | null, error: string, keep = false) {
  return z.string().transform((text, context) => {
    const value = canonicalOf(text);
    if (value !== null) return keep ? text : value;
    context.issues.push({ code: 'custom', message: error, input: text });
    return z.NEVER;
  });
}

/** In the canonical form of addresses (core/email-address). */
export function emailAddress() {
  return z
    .string()
    .transform((text, context) => {
      const read = readEmail(text);
      if ('email' in read) return read.email;
      context.issues.push({ code: 'custom', message: read.problem, input: text });
      return z.NEVER;
    })
    .openapi({ format: 'email', maxLength: 254 });
}

/**
 * The address of a send: the given spelling except for the case of its domain, since the fingerprint is computed from
 * it.
 */
export function emailAddressAsGiven() {
  return z
    .string()
    .check(
      refusing((text) => {
        const read = readEmail(text);
        return 'problem' in read ? read.problem : null;
      }),
    )
    .transform(asciiEmail)
    .openapi({ format: 'email', maxLength: 254 });
}

/**
 * A sender or reply address: `ada@example.com` or `Ada <ada@example.com>`; or, for SMS, a sender id that is not an
 * address.
 */
export function sender() {
  return singleLine(320).transform(asciiMailbox).openapi({ minLength: 1, maxLength: 320 });
}

export function phoneNumber() {
  return z
    .string()
    .check(
      refusing((text) => {
        const read = readPhone(text);
        return 'problem' in read ? read.problem : null;
      }),
    )
    .openapi({ format: 'E.164', pattern: '^\\+[1-9]\\d{6,14}$' });
}

/** BCP 47: `en`, `pt-BR`, `zh-Hant-TW`, `de-x-formal`, `en-US-u-mu-celsius`. */
export function locale() {
  return z
    .string()
    .check(
      refusing((text) => {
        if (isLanguageTag(text)) return null;
        const tag = text.replaceAll('_', '-');
        return isLanguageTag(tag) ? `${NOT_A_LOCALE.split(';')[0]}; give ${tag}` : NOT_A_LOCALE;
      }),
    )
    .openapi({ maxLength: MAX_LOCALE_LENGTH });
}

/** RFC 3339, years 1 to 9999 in UTC; with capital T and Z. */
export function time() {
  return z
    .string()
    .transform((text, context) => {
      const read = readTime(text);
      if ('time' in read) return read.time;
      context.issues.push({ code: 'custom', message: read.problem, input: text });
      return z.NEVER;
    })
    .openapi({ format: 'date-time' });
}
