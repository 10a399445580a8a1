/**
 * The visible part of a text. Typed names are compared by their characters, and two names that look the same must be
 * the same: so invisible characters and spaces other than U+0020 are refused in them.
 */

/** Default-ignorable characters (zero width, joiners, directions, fillers), the braille blank, and other spaces. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
const ALL_BLANK = /^[\s\p{Default_Ignorable_Code_Point}\p{Zs}\p{Cc}\u2800]*$/u;
/** C0, DEL and C1 control characters, and the line separators that some software breaks lines at. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/** RFC 2047, section 2. */
const ENCODED_WORD = /=\?[^?\s]{1,60}\?[bq]\?[^?\s]*\?=/i;
/** Direction marks that display a text in another order (`exe.fdp` as `pdf.exe`). */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/;

/** Fast path for nearly every name: visible ASCII and single spaces between. */
const PLAIN_NAME = /^[!-~]+(?: [!-~]+)*$/;

/** Nothing visible: empty, white space, invisible characters. */
export function isBlank(text: string): boolean {
  return ALL_BLANK.test(text);
}

export function hasControls(text: string): boolean {
  return CONTROL.test(text);
}

/** `=?utf-8?q?...?=` in a header is decoded by the mail program: the decoded text is not what was checked here. */
export function hasEncodedWord(text: string): boolean {
  return ENCODED_WORD.test(text);
}

export function hasReordering(text: string): boolean {
  return REORDERING.test(text);
}

/**
 * The fault of a name or id: a text that completes the sentence `"<value>" ...`; null if there is none. Names are
 * compared character by character, categories by `categoryName`.
 */
export function nameProblem(text: string): string | null {
  if (PLAIN_NAME.test(text)) return null;
  if (CONTROL.test(text)) return 'has a line break or another control character; remove it';
  if (text.trim() !== text) return 'has white space around it; remove it';
  const invisible = INVISIBLE.exec(text)?.[0];
  if (invisible !== undefined) {
    const code = invisible.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `has the character U+${code}, which cannot be seen or told from a space; remove it, or use an ordinary space`;
  }
  return text.normalize('NFC') === text ? null : 'is not in Unicode normal form C; normalize it (NFC)';
}

/**
 * The one form of a category: in lower case and normal form C, so that an opt-out of `Marketing` covers `marketing`.
 * Rows of earlier versions have other forms: compare by this one.
 */
export function categoryName(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
