import type { Content } from '../../notification/message.ts';

/**
 * A text that providers, PostgreSQL and people can handle: lone surrogates (from a filter that split a character) and
 * NUL become U+FFFD, the replacement character.
 */
export function wellFormed(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '\ufffd') : whole;
}

/** All fields of a message, well-formed. The same object if they already were. */
export function wellFormedContent(content: Content): Content {
  let mended: Content | null = null;
  for (const [field, text] of Object.entries(content) as [keyof Content, string | undefined][]) {
    if (text === undefined) continue;
    const whole = wellFormed(text);
    if (whole !== text) mended = { ...(mended ?? content), [field]: whole };
  }
  return mended ?? content;
}
