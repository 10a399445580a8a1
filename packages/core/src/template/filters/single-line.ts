/** Characters that could end a header line or hide text in it: controls, line and paragraph separators. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;

/** Fields that are one line: a subject becomes a header, a title one line on a lock screen. */
export const SINGLE_LINE_FIELDS: readonly string[] = ['subject', 'title'];

/** The beginning of an encoded word (RFC 2047, 2). */
const ENCODED_WORD = /=\?(?=[^?\s]{1,60}\?[bq]\?)/gi;

/**
 * A text as one line, each break becoming a space: data with "\r\nBcc: ..." stays harmless text, and so does
 * `=?utf-8?q?...?=`, which a mail program would decode: an inserted space breaks the encoded word.
 */
export function singleLine(text: string): string {
  return text.replace(BREAKS, ' ').replace(ENCODED_WORD, '= ?').trim();
}

export function isSingleLine(text: string): boolean {
  return text.search(BREAKS) === -1;
}
