import { afterEach, expect, test, vi } from 'vitest';
import webPush from 'web-push';
import { vapidAuthorization } from './vapid.ts';

const keys = { subject: 'mailto:ops@example.com', ...webPush.generateVAPIDKeys() };
const claimsOf = (authorization: string) =>
  JSON.parse(Buffer.from(authorization.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

afterEach(() => {
  vi.useRealTimers();
});

test('one token serves an origin for hours, and another origin gets its own', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T06:00:00Z') });
  const authorizationFor = vapidAuthorization(keys);
  const first = authorizationFor('https://a.example');
  expect(claimsOf(first)).toMatchObject({ aud: 'https://a.example', sub: keys.subject });
  expect(authorizationFor('https://a.example')).toBe(first);
  expect(claimsOf(authorizationFor('https://b.example')).aud).toBe('https://b.example');
  vi.advanceTimersByTime(7 * 60 * 60 * 1000);
  const renewed = authorizationFor('https://a.example');
  expect(renewed).not.toBe(first);
  expect(Number(claimsOf(renewed).exp) * 1000).toBeGreaterThan(Date.now() + 60 * 60 * 1000);
});

test('malformed keys are found at the start', () => {
  expect(() => vapidAuthorization({ ...keys, privateKey: 'abc' })).toThrow();
  expect(() => vapidAuthorization({ ...keys, subject: 'me' })).toThrow();
});
