import type { MiddlewareHandler } from 'hono';

/** Our own pages: no script at all, one stylesheet, forms that post home. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Bull Board: its own scripts; React writes style attributes, and its page sets <base>. */
const BOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Headers of every answer. Referrer-Policy is `same-origin`, not `no-referrer`: with the latter browsers send
 * `Origin: null` with our own forms and the origin check would refuse them.
 */
export function securityHeaders(production: boolean): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const isBoard = c.req.path === '/queues' || c.req.path.startsWith('/queues/');
    c.header('Content-Security-Policy', isBoard ? BOARD_POLICY : PAGE_POLICY);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'same-origin');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
    if (production) c.header('Strict-Transport-Security', 'max-age=31536000');
    // What staff see must not stay behind in a shared browser's cache or a proxy's.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}
