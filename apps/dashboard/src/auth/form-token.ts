import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The second half of the CSRF defence (the first is middleware/same-origin.ts): every form carries a value that only a
 * page of this dashboard can read. It is derived from the secret in the cookie, so nothing is stored and a token
 * expires with its session.
 */
export function formToken(cookieSecret: string): string {
  return createHmac('sha256', cookieSecret).update('carillon form').digest('base64url');
}

/** Whether a form carries its token; in constant time, and false for anything that is not a string. */
export function isSameToken(given: unknown, expected: string): boolean {
  const actual = Buffer.from(typeof given === 'string' ? given : '');
  const wanted = Buffer.from(expected);
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}
