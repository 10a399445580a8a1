import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Completes the sentence `"<value>" ...`. */
export const NOT_A_PHONE =
  'is not a phone number in E.164 form; give + and country code and digits only, such as +14155552671';

/** E.164, with as many digits as its country has. */
export function isPhone(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
}
