import { asciiEmail, asciiMailbox, isEmail, NOT_AN_EMAIL } from '@carillon/core/email-address';
import { isPhone, NOT_A_PHONE } from '@carillon/core/phone-number';
import { z } from '@hono/zod-openapi';

/** Kinds of fields that several requests share. Messages complete the sentence `"<value>" ...`. */

/** C0, DEL and C1 control characters, and the line separators that some software breaks lines at. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Text that becomes a header or an identifier: a line break in it could smuggle in another header. */
export function singleLine(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL.test(text), {
      error: 'has a line break or another control character; remove it',
    });
}

/** Device tokens and keys: no spaces at all. */
export function token(max: number) {
  return z
    .string()
    .max(max)
    .regex(/^[\x21-\x7e]+$/, 'is not a token; pass it as the device gave it');
}

export function emailAddress() {
  return z
    .string()
    .transform(asciiEmail)
    .refine(isEmail, { error: NOT_AN_EMAIL })
    .openapi({ format: 'email', maxLength: 254 });
}

/** A sender or where answers go: `ada@example.com` or `Ada <ada@example.com>`; or, for SMS, what is no address at all. */
export function sender() {
  return singleLine(320).transform(asciiMailbox).openapi({ minLength: 1, maxLength: 320 });
}

export function phoneNumber() {
  return z
    .string()
    .refine(isPhone, { error: NOT_A_PHONE })
    .openapi({ format: 'E.164', pattern: '^\\+[1-9]\\d{6,14}$' });
}

/** BCP 47, as far as people use it: `en`, `pt-BR`, `zh-Hant-TW`. */
export function locale() {
  return z
    .string()
    .max(35)
    .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'is not a locale; give a BCP 47 tag such as en or pt-BR');
}

export function time() {
  return z.iso
    .datetime({ offset: true, error: 'is not an RFC 3339 time; give one such as 2030-01-31T08:00:00Z' })
    .openapi({ format: 'date-time' });
}
