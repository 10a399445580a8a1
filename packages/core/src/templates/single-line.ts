/** Whatever could end a header line or hide text in it: controls, line and paragraph separators. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;

/** Fields that are one line: a subject becomes a header, a title one line on a lock screen. */
export const SINGLE_LINE_FIELDS: readonly string[] = ['subject', 'title'];

/** A text as one line, each break one space: data that brings "\r\nBcc: ..." stays harmless text. */
export function singleLine(text: string): string {
  return text.replace(BREAKS, ' ').trim();
}

export function isSingleLine(text: string): boolean {
  return text.search(BREAKS) === -1;
}
