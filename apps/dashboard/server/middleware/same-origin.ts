import type { MiddlewareHandler } from 'hono';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses every changing request that a page of another origin could have caused. Browsers send Origin with every POST,
 * PUT and PATCH, and Sec-Fetch-Site with every request; one of the two must be there and neither may say "elsewhere".
 * The scheme is not compared: behind a proxy that ends TLS this process sees http.
 */
export const sameOrigin: MiddlewareHandler = async (c, next) => {
  if (SAFE_METHODS.includes(c.req.method)) return next();
  if (!isSameOrigin(c.req.header('origin'), c.req.header('sec-fetch-site'), c.req.header('host'))) {
    return c.text(
      'This request did not come from a page of this dashboard. Reload the page and try again.',
      403,
    );
  }
  return next();
};

export function isSameOrigin(origin?: string, fetchSite?: string, host?: string): boolean {
  if (origin === undefined && fetchSite === undefined) return false;
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false;
  if (origin === undefined) return true;
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
