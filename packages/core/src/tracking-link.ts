import type { KeyRing } from './envelope.ts';
import { parseAttemptId } from './ids.ts';
import { MAX_TOKEN_LENGTH, readToken, signToken } from './signed-token.ts';

/**
 * Open and click tracking of e-mail, where an app asks for it: a pixel and rewritten links, each with a signed token, so
 * that nobody can make our address redirect to theirs. Off unless a category says otherwise.
 */
export interface Tracking {
  baseUrl: string;
  ring: KeyRing;
  opens: boolean;
  clicks: boolean;
}

/** Links of an HTML body: `<a href="http...">`. Other schemes (mailto:, tel:) and other elements stay as they are. */
const LINK = /(<a\b[^>]*?\shref\s*=\s*)(?:"(https?:\/\/[^"]*)"|'(https?:\/\/[^']*)')/gi;

/** No header holds it, so we could not lead there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The HTML with tracking. The same attempt gives the same bytes, so that a class-A repeat is identical.
 *
 * @param attemptId which attempt's receipt an open or click is.
 */
export function trackedHtml(
  html: string,
  attemptId: string,
  { baseUrl, ring, opens, clicks }: Tracking,
): string {
  const linked = clicks
    ? html.replace(LINK, (whole: string, before: string, double?: string, single?: string) => {
        // Browsers take line breaks and tabs out of an address (URL Standard, "remove all ASCII tab or newline").
        const url = unescapeAttribute(double ?? single ?? '').replace(/[\t\n\r]/g, '');
        if (CONTROL.test(url)) return whole;
        // One that leaves must not be slowed down or lost by our redirect.
        if (url.startsWith(`${baseUrl}/v1/unsubscribe/`)) return whole;
        const token = signToken(ring, 'click', { a: attemptId, u: url });
        // Uncounted, but it leads where it should: a token that we would not read leads nowhere.
        if (token.length > MAX_TOKEN_LENGTH) return whole;
        return `${before}"${baseUrl}/v1/clicks/${token}"`;
      })
    : html;
  if (!opens) return linked;
  const pixel = `<img src="${baseUrl}/v1/opens/${signToken(ring, 'open', { a: attemptId })}" width="1" height="1" alt="">`;
  return /<\/body\s*>/i.test(linked) ? linked.replace(/<\/body\s*>/i, `${pixel}$&`) : linked + pixel;
}

/** @returns which attempt was opened, or null for a token that is not ours. */
export function readOpenToken(ring: KeyRing, token: string): { attemptId: string } | null {
  const said = readToken(ring, 'open', token);
  return said && typeof said.a === 'string' && parseAttemptId(said.a) ? { attemptId: said.a } : null;
}

/** @returns which attempt's link was followed and where it leads, or null for a token that is not ours. */
export function readClickToken(ring: KeyRing, token: string): { attemptId: string; url: string } | null {
  const said = readToken(ring, 'click', token);
  if (!said || typeof said.a !== 'string' || typeof said.u !== 'string' || !parseAttemptId(said.a))
    return null;
  return { attemptId: said.a, url: said.u };
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
