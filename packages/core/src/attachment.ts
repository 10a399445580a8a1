/** What an e-mail may have attached: the bounds, and which types are types. */
export const MAX_ATTACHMENTS = 10;

/** Of all files that come with a request, decoded: base64 makes 4/3 of it, and a body may have 1 MiB. */
export const MAX_INLINE_BYTES = 700 * 1024;

/** Of one file that is fetched. */
export const MAX_FETCHED_BYTES = 10 * 1024 * 1024;

/** Of all files of a message: 28 MB in base64, which every provider of ours takes (SendGrid, the least, 30 MB). */
export const MAX_TOTAL_BYTES = 20 * 1024 * 1024;

export const MAX_TYPE_LENGTH = 127;

/** `type/subtype` and parameters (RFC 2045, section 5.1), without what could end a header. */
const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=(?:[\w!#$&^.+:/-]+|"[\w !#$&^.+:/=-]*"))*$/;

export function isMediaType(text: string): boolean {
  return text.length <= MAX_TYPE_LENGTH && TYPE.test(text);
}

/** The type that a server names, if it is one. */
export function mediaTypeOf(header: string | null): string {
  return header !== null && isMediaType(header) ? header : 'application/octet-stream';
}

/** How many bytes a text of base64 (RFC 4648, section 4: with padding, without line breaks) stands for; null if it is none. */
export function base64Bytes(text: string): number | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  // No quantified group: half a million repetitions of one are too much for it.
  if (/[^A-Za-z0-9+/]/.test(padding === 0 ? text : text.slice(0, -padding))) return null;
  return (text.length / 4) * 3 - padding;
}
