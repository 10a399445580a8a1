/**
 * Where to go after login: only a path of ours, so that a prepared link cannot send a person elsewhere.
 *
 * @param next what the query or form says; untrusted.
 * @returns the path with its query, or `/`.
 */
export function nextPage(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.length > 2000) return '/';
  const here = 'http://dashboard.invalid';
  if (!URL.canParse(next, here)) return '/';
  // The parser sees what a browser would: `//host`, `/\host` and tabs within become another origin.
  const url = new URL(next, here);
  if (url.origin !== here || url.pathname === '/login' || url.pathname === '/logout') return '/';
  return url.pathname.startsWith('//') ? '/' : url.pathname + url.search;
}
