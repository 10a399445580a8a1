/**
 * A customer's URL shortened for display: scheme, host and port. The rest is often the credential itself (a
 * token in the path or in the query), and such a path cannot be distinguished from a harmless one.
 *
 * @returns `https://hooks.example/...` for a URL with a path, a query or a user name; the bare origin otherwise; `(no
 *   URL)` for what cannot be parsed.
 */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '(no URL)';
  const { protocol, host, pathname, search, hash, username, password } = new URL(url);
  const isBare = pathname === '/' && [search, hash, username, password].every((part) => part === '');
  return `${protocol}//${host}${isBare ? '' : '/...'}`;
}
