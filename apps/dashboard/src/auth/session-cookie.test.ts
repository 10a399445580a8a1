import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createCookies, hashSecret, newSecret } from './session-cookie.ts';

async function cookieOf(production: boolean, headers: Record<string, string> = {}): Promise<string> {
  const cookies = createCookies(production);
  const app = new Hono().get('/', (c) => {
    cookies.write(c, 'session', newSecret(), 3600);
    return c.text(cookies.read(c, 'session') ?? 'none');
  });
  return (await app.request('/', { headers })).headers.get('set-cookie')!;
}

test('in production and behind HTTPS the session cookie is bound to this host and never leaves TLS', async () => {
  for (const cookie of [await cookieOf(true), await cookieOf(false, { 'x-forwarded-proto': 'https' })]) {
    expect(cookie).toMatch(/^__Host-carillon_session=[\w-]{43}; /);
    expect(cookie).toContain('Secure');
    expect(cookie).toContain('Path=/');
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    expect(cookie).not.toContain('Domain');
  }
});

test('on a developer machine without TLS the cookie still works', async () => {
  expect(await cookieOf(false)).toMatch(/^carillon_session=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
});

test('a secret is 256 bits, never the same, and its hash does not contain it', () => {
  const secret = newSecret();
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(newSecret()).not.toBe(secret);
  expect(hashSecret(secret)).toHaveLength(32);
});
