import type { MiddlewareHandler } from 'hono';

/** Dashboard pages: no script, one stylesheet, forms that post to this origin. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A page that shows a message: its frame inherits this policy and adds a narrower one (message-frame.ts). E-mails are
 * styled by attributes; only embedded images are shown.
 */
export const MESSAGE_POLICY = PAGE_POLICY.replace(
  "style-src 'self'",
  "style-src 'self' 'unsafe-inline'",
).replace("img-src 'self'", "img-src 'self' data:");

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
 * Headers of every answer. Referrer-Policy is `same-origin`, not `no-referrer`: with the latter browsers send `Origin:
 * null` with the dashboard's own forms and the origin check would refuse them.
 */
export function securityHeaders(production: boolean): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const isBoard = c.req.path === '/queues' || c.req.path.startsWith('/queues/');
    if (!c.res.headers.has('Content-Security-Policy'))
      c.header('Content-Security-Policy', isBoard ? BOARD_POLICY : PAGE_POLICY);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'same-origin');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
    if (production) c.header('Strict-Transport-Security', 'max-age=31536000');
    // Pages for staff must not stay in the cache of a shared browser or a proxy.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}
