import { domainToASCII } from 'node:url';
import { z } from '@hono/zod-openapi';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

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

export const EMAIL =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])$/;

/** RFC 5321: 64 octets before the @, 254 in all. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && text.indexOf('@') <= 64 && EMAIL.test(text);
}

/**
 * The domain as DNS has it: `ada@bücher.example` is written to ada@xn--bcher-kva.example (IDNA, UTS 46). What stands before
 * the @ must be ASCII: hardly a provider takes anything else (RFC 6531).
 */
export function asciiEmail(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the bound of ASCII
  return /^[\x00-\x7f]*$/.test(domain) ? text : text.slice(0, at + 1) + domainToASCII(domain);
}

export function emailAddress() {
  return z
    .string()
    .transform(asciiEmail)
    .refine(isEmail, {
      error: 'is not an e-mail address; give one such as ada@example.com (at most 254 characters)',
    })
    .openapi({ format: 'email', maxLength: 254 });
}

/** `ada@example.com` or `Ada Lovelace <ada@example.com>`, without control characters. */
export function isMailbox(text: string): boolean {
  const named = /^([^<>]*)<([^<>]+)>$/.exec(text);
  return isEmail(named ? named[2]! : text);
}

export function isPhone(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
}

export function phoneNumber() {
  return z
    .string()
    .refine(isPhone, {
      error:
        'is not a phone number in E.164 form; give + and country code and digits only, such as +14155552671',
    })
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
