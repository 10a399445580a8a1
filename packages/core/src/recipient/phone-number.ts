import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * The canonical form of a phone number: E.164. All input is parsed here. A number is valid if it has as many digits as
 * its country has ("possible"), not only if its range is known to be in use ("valid"): the metadata is always older
 * than the newest ranges.
 */

/** Completes the sentence `"<value>" ...`. */
export const NOT_A_PHONE =
  'is not a phone number in E.164 form; give + and country code and digits only, such as +14155552671';

const E164 = /^\+[1-9]\d{6,14}$/;

/** @returns the number, or its fault: a text that completes the sentence `"<value>" ...`. */
export function readPhone(text: string): { phone: string } | { problem: string } {
  const phone = canonicalPhone(text);
  if (phone === text) return { phone };
  if (phone === null) return { problem: NOT_A_PHONE };
  const why = E164.test(text)
    ? 'has a prefix that is only dialled within its country'
    : 'is not a phone number in E.164 form';
  return { problem: `${why}; give ${phone}` };
}

/** A number in canonical form. */
export function isPhone(text: string): boolean {
  return canonicalPhone(text) === text;
}

/**
 * The E.164 form of a number as people or providers write it: `+44 (0)7911 123456`, `tel:`, `0044`, full-width digits,
 * Twilio's `whatsapp:`; the trunk prefix is removed (`+4407911...`); a leading zero that belongs to the number stays
 * (Italy: `+3906...`).
 *
 * @returns null for a text that is not a number with a country code, and for one with an extension.
 */
export function canonicalPhone(text: string): string | null {
  if (text.length > 40) return null;
  const number = text
    .normalize('NFKC')
    .trim()
    .replace(/^[a-z]+:/i, '')
    .replace(/^00(?=[1-9])/, '+');
  // Begins with a plus sign and contains nothing that the library would skip.
  if (!/^\+[\p{Nd}\s().\-\u2010-\u2015]+$/u.test(number)) return null;
  // Until 2019 mobile numbers of Mexico had a 1 after the country code; some providers still write it.
  const parsed = parsePhoneNumberFromString(number.replace(/^\+521(?=\d{10}$)/, '+52'));
  if (!parsed || !E164.test(parsed.number) || !parsed.isPossible()) return null;
  // Few countries have numbers that begin with 0; elsewhere it is an unrecognized trunk prefix.
  if (parsed.nationalNumber.startsWith('0') && !parsed.isValid()) return null;
  return parsed.number;
}
