/**
 * Times that recipients have as attributes: texts in the forms of ISO 8601 that systems write. A text is one of them
 * exactly if it fits the pattern, in JavaScript and in PostgreSQL (whose regular expressions know all that is used
 * here); what fits can be cast to `timestamptz` in PostgreSQL without an error.
 */

const MONTH_AND_DAY =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))';
const LEAP_YEAR = '(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)';
const DATE = `(?:(?!0000)[0-9]{4}-${MONTH_AND_DAY}|${LEAP_YEAR}-02-29)`;
const CLOCK = '(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,9})?)?';
const ZONE = '(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])';

/** A date, or a date and a time with or without a zone. */
export const TIME_TEXT = `^${DATE}(?:[T ]${CLOCK}${ZONE}?)?$`;
/** A date alone. */
export const DATE_TEXT = '^[0-9-]{10}$';
/** Ends in a zone. */
export const ZONED_TEXT = `[0-9]${ZONE}$`;

const [TIME_PATTERN, DATE_PATTERN, ZONED_PATTERN] = [TIME_TEXT, DATE_TEXT, ZONED_TEXT].map(
  (source) => new RegExp(source),
) as [RegExp, RegExp, RegExp];

/**
 * The time that a text means; without a zone it is UTC, and a date is its first moment.
 *
 * @returns ms since 1970, or null if it is not a time.
 */
export function timeOfText(text: string): number | null {
  if (!TIME_PATTERN.test(text)) return null;
  if (DATE_PATTERN.test(text)) return Date.parse(`${text}T00:00Z`);
  return Date.parse(`${text.replace(' ', 'T')}${ZONED_PATTERN.test(text) ? '' : 'Z'}`);
}
