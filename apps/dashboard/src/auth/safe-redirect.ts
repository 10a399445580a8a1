/**
 * The target after login: only a path of this dashboard, so that a crafted link cannot redirect elsewhere.
 *
 * @param next from the query or form; untrusted.
 * @returns the path with its query, or `/`.
 */
export function safeRedirect(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.length > 2000) return '/';
  const here = 'http://dashboard.invalid';
  if (!URL.canParse(next, here)) return '/';
  // Parsed as a browser does: `//host`, `/\host` and embedded tabs become another origin.
  const url = new URL(next, here);
  if (url.origin !== here || url.pathname === '/login' || url.pathname === '/logout') return '/';
  return url.pathname.startsWith('//') ? '/' : url.pathname + url.search;
}
