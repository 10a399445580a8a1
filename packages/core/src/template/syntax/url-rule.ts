/** Schemes that data may choose. A push message's own deep-link scheme must be written in the template itself. */
export const URL_SCHEMES = ['https', 'http', 'mailto', 'tel'] as const;

/** Schemes that run code or read files where the link is opened: not even a template may name them. */
export const FORBIDDEN_SCHEMES: readonly string[] = [
  ...['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'view-source'],
];

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;

/**
 * Checks whether a person's device may open this URL.
 *
 * @param url the final text of a `url` field.
 * @param source the template it was rendered from, if any; an unusual scheme must be written there.
 * @returns null, or the fault with the rule and the remedy.
 */
export function urlProblem(url: string, source: string = url): string | null {
  // Browsers drop tabs and newlines, so `java\nscript:` would be read as a scheme.
  if (/[\p{Cc}\s\\]/u.test(url)) {
    return `url ${quoted(url)} holds a space, a control character or a backslash: percent-encode it (filter url_encode)`;
  }
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // Relative to the app that shows it; `//host` would leave it.
    return /^\/(?!\/)/.test(url) ? null : `url ${quoted(url)} has no scheme: write https://... or /path`;
  }
  if (FORBIDDEN_SCHEMES.includes(scheme)) return `url scheme "${scheme}" is never allowed: use https`;
  if ((URL_SCHEMES as readonly string[]).includes(scheme)) {
    return scheme.startsWith('http') && !URL.canParse(url)
      ? `url ${quoted(url)} cannot be parsed: correct it`
      : null;
  }
  return SCHEME.exec(source)?.[1]?.toLowerCase() === scheme
    ? null
    : `url scheme "${scheme}" comes from data, which may use ${URL_SCHEMES.join(', ')}: write it in the template`;
}

function quoted(url: string): string {
  return JSON.stringify(url.length > 80 ? `${url.slice(0, 80)}...` : url);
}
