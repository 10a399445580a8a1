/** Attachment rules of an e-mail: the limits, and which media types are valid. */
export const MAX_ATTACHMENTS = 10;

/** All inline files of a request, decoded: base64 adds a third, and a request body may have 1 MiB. */
export const MAX_INLINE_BYTES = 700 * 1024;

/** One fetched file. */
export const MAX_FETCHED_BYTES = 10 * 1024 * 1024;

/**
 * All files of a message: 28 MB in base64, which every supported provider accepts (the lowest limit is SendGrid's, 30
 * MB).
 */
export const MAX_TOTAL_BYTES = 20 * 1024 * 1024;

export const MAX_TYPE_LENGTH = 127;

/** `type/subtype` and parameters (RFC 2045, section 5.1), without characters that could end a header. */
const TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=(?:[\w!#$&^.+:/-]+|"[\w !#$&^.+:/=-]*"))*$/;

/**
 * Composite types: a file of such a type would be read as further parts of the mail (RFC 2046, 5).
 */
const COMPOSITE = /^(?:multipart|message)\//i;

/** The type of a file. */
export function isMediaType(text: string): boolean {
  return text.length <= MAX_TYPE_LENGTH && TYPE.test(text) && !COMPOSITE.test(text);
}

/** The type that a server names, if it is one. */
export function mediaTypeOf(header: string | null): string {
  return header !== null && isMediaType(header) ? header : 'application/octet-stream';
}

/**
 * Decoded size in bytes of a base64 text (RFC 4648, section 4: with padding, without line breaks); null if it is not
 * base64.
 */
export function base64Bytes(text: string): number | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  // No quantified group: the regular expression engine fails on half a million repetitions of one.
  if (/[^A-Za-z0-9+/]/.test(padding === 0 ? text : text.slice(0, -padding))) return null;
  return (text.length / 4) * 3 - padding;
}

/**
 * The most memory that the files of a message take in a worker, in bytes, decoded; files by URL count with the maximum
 * size.
 */
export function attachmentsBytes(files: readonly { content?: string | undefined }[]): number {
  const bytes = files.map(({ content }) =>
    content === undefined ? MAX_FETCHED_BYTES : base64Bytes(content)!,
  );
  return Math.min(
    bytes.reduce((sum, each) => sum + each, 0),
    MAX_TOTAL_BYTES,
  );
}
