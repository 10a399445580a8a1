import { MAX_TOKEN_LENGTH, readToken, signToken } from '../access/signed-token.ts';
import type { KeyRing } from '../notification/envelope.ts';
import { quotedHrefs } from '../text/html-links.ts';
import { parseAttemptId } from '../text/ids.ts';

/**
 * Open and click tracking of e-mail, if an app enables it: a pixel and rewritten links, each with a signed token, so
 * that the redirect cannot be abused for other targets. Off unless enabled by a category.
 */
export interface Tracking {
  baseUrl: string;
  ring: KeyRing;
  opens: boolean;
  clicks: boolean;
}

/**
 * Signing each link takes time on a shared thread: beyond this number links are not tracked.
 */
const MAX_TRACKED_LINKS = 1_000;

/** It does not fit a header, so no redirect to it is possible. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The HTML with tracking: links `<a href="http...">` go through the redirect. Other schemes (mailto:, tel:), unquoted
 * addresses and other elements are unchanged. Linear in the text. The same attempt gives the same bytes, so that a
 * class-A repeat is identical.
 *
 * @param attemptId the attempt to which an open or click belongs.
 */
export function trackedHtml(
  html: string,
  attemptId: string,
  { baseUrl, ring, opens, clicks }: Tracking,
): string {
  const linked = clicks ? trackedLinks(html, attemptId, baseUrl, ring) : html;
  if (!opens) return linked;
  const pixel = `<img src="${baseUrl}/v1/opens/${signToken(ring, 'open', { a: attemptId })}" width="1" height="1" alt="">`;
  const end = linked.search(/<\/body\s*>/i);
  return end === -1 ? linked + pixel : linked.slice(0, end) + pixel + linked.slice(end);
}

function trackedLinks(html: string, attemptId: string, baseUrl: string, ring: KeyRing): string {
  let linked = '';
  let done = 0;
  let count = 0;
  for (const { begin, end, value } of quotedHrefs(html)) {
    const url = countable(value, baseUrl);
    if (url === null) continue;
    const token = signToken(ring, 'click', { a: attemptId, u: url });
    // Untracked, but it works: a token longer than the limit would be rejected.
    if (token.length > MAX_TOKEN_LENGTH) continue;
    linked += `${html.slice(done, begin)}"${baseUrl}/v1/clicks/${token}"`;
    done = end;
    count += 1;
    if (count === MAX_TRACKED_LINKS) break;
  }
  return linked + html.slice(done);
}

/** @returns the target of a link, or null for one that stays unchanged. */
function countable(value: string, baseUrl: string): string | null {
  if (!/^https?:\/\//i.test(value)) return null;
  // Browsers remove line breaks and tabs from an address (URL Standard, "remove all ASCII tab or newline").
  const url = unescapeAttribute(value).replace(/[\t\n\r]/g, '');
  // An unsubscribe link must not be slowed down or broken by the redirect.
  if (CONTROL.test(url) || !URL.canParse(url) || url.startsWith(`${baseUrl}/v1/unsubscribe/`)) return null;
  return url;
}

/** @returns the opened attempt, or null for an invalid token. */
export function readOpenToken(ring: KeyRing, token: string): { attemptId: string } | null {
  const said = readToken(ring, 'open', token);
  return said && typeof said.a === 'string' && parseAttemptId(said.a) ? { attemptId: said.a } : null;
}

/**
 * @returns the attempt and the target of the followed link, as in the message (`url`) and as allowed in a header
 * (`location`: ASCII, RFC 9110, 10.2.2); null for an invalid token or target.
 */
export function readClickToken(
  ring: KeyRing,
  token: string,
): { attemptId: string; url: string; location: string } | null {
  const said = readToken(ring, 'click', token);
  if (!said || typeof said.a !== 'string' || typeof said.u !== 'string' || !parseAttemptId(said.a))
    return null;
  const location = URL.parse(said.u)?.href;
  return location === undefined ? null : { attemptId: said.a, url: said.u, location };
}

/** As far as URLs are written with entities: named ones of the markup itself, and all numeric ones. */
function unescapeAttribute(text: string): string {
  return text.replace(/&(?:(amp|quot|lt|gt)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>' };
