/** @returns the address that a message leads to, or null for one that is not http or https, `javascript:` for example. */
export function safeUrl(url: string | null, base: string): string | null {
  if (!url) return null;
  try {
    const { protocol, href } = new URL(url, base);
    return protocol === 'https:' || protocol === 'http:' ? href : null;
  } catch {
    return null;
  }
}
