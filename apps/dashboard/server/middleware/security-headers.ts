import type { MiddlewareHandler } from 'hono';

/**
 * The pages: scripts and styles of this origin alone; styles that the component library makes carry the nonce. Messages
 * are shown in frames without scripts.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Everything else: answers to programs. */
const PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'";

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
      c.header('Content-Security-Policy', isBoard ? BOARD_POLICY : PLAIN_POLICY);
    c.header('X-Content-Type-Options', 'nosniff');
    if (!c.res.headers.has('X-Frame-Options')) c.header('X-Frame-Options', 'DENY');
    c.header('Referrer-Policy', 'same-origin');
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Cross-Origin-Resource-Policy', 'same-origin');
    c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
    if (production) c.header('Strict-Transport-Security', 'max-age=31536000');
    // Pages for staff must not stay in the cache of a shared browser or a proxy.
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
  };
}
