/** An app lists at most so many. */
export const MAX_ORIGINS = 50;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a text is the origin (RFC 6454) of web pages that may use the tokens of recipients: exactly as browsers send
 * it, and https, because a page that can be changed on its way could read every inbox that is opened in it.
 *
 * @returns what is wrong with it, completing the sentence `"<value>" ...`; null if nothing is.
 */
export function originProblem(text: string): string | null {
  if (text.includes('*')) return 'is not an origin but a pattern; list each origin';
  const parsed = URL.parse(text);
  if (parsed === null || parsed.origin !== text)
    return 'is not an origin; give scheme, host and port as browsers send them, such as https://shop.example';
  const { protocol, hostname } = parsed;
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))) return null;
  return 'is not https; pages on http are allowed from localhost only';
}
