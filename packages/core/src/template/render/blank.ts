import type { Channel } from '../../notification/channel.ts';
import { CONTENT_FIELDS, type Content } from '../../notification/message.ts';
import type { ContentField } from './limits.ts';

/** Invisible text: white space, controls and format characters (zero-width space, soft hyphen, BOM). */
const INVISIBLE = /^[\s\p{Cc}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]*$/u;

/** Whether a text shows nothing. */
export function isBlank(text: string | undefined): boolean {
  return text === undefined || INVISIBLE.test(text);
}

/**
 * The required content of a message: an e-mail needs a subject and a text or HTML, an SMS a text, a push or an inbox
 * item a title and a body. This applies to inline content and to rendered templates.
 *
 * @returns the blank field, with a readable message; null if there is none.
 */
export function blankField(
  channel: Channel,
  content: Content,
): { field: ContentField; message: string } | null {
  const { required, oneOf } = CONTENT_FIELDS[channel];
  const blank = required.find((field) => isBlank(content[field]));
  if (blank !== undefined) {
    const message = `${blank} comes out empty, and ${channel} needs it: change the template or its data`;
    return { field: blank, message };
  }
  if (oneOf.length === 0 || oneOf.some((field) => !isBlank(content[field]))) return null;
  const message = `${oneOf.join(' and ')} come out empty, and ${channel} needs one of them: change the template or its data`;
  return { field: oneOf[0]!, message };
}
