import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/**
 * The two cookies of the dashboard, each 256 random bits: `session` after login, `visitor` before it (which the token
 * of the login form is bound to). Over HTTPS and in production they carry the `__Host-` prefix: no sibling domain can
 * set one.
 */
export interface Cookies {
  read(c: Context, which: 'session' | 'visitor'): string | null;
  /** @param maxAgeSeconds absent: until the browser closes. */
  write(c: Context, which: 'session' | 'visitor', secret: string, maxAgeSeconds?: number): void;
  clear(c: Context, which: 'session' | 'visitor'): void;
}

export function createCookies(production: boolean): Cookies {
  const secure = (c: Context): boolean => production || c.req.header('x-forwarded-proto') === 'https';
  const nameOf = (c: Context, which: string): string => `${secure(c) ? '__Host-' : ''}carillon_${which}`;
  return {
    read: (c, which) => {
      const value = getCookie(c, nameOf(c, which));
      return value && /^[\w-]{43}$/.test(value) ? value : null;
    },
    write: (c, which, secret, maxAgeSeconds) =>
      setCookie(c, nameOf(c, which), secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
        secure: secure(c),
        ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
      }),
    clear: (c, which) => {
      deleteCookie(c, nameOf(c, which), { path: '/', secure: secure(c) });
    },
  };
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The stored hash. A plain hash is enough: 256 random bits cannot be guessed. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
