import { expect, test } from 'vitest';
import { signToken } from '../access/signed-token.ts';
import { parseKeyRing } from '../notification/envelope.ts';
import { readUnsubscribeToken, unsubscribeUrl } from './unsubscribe-link.ts';

const ring = parseKeyRing(`k:${Buffer.alloc(32, 5).toString('base64')}`);
if ('problem' in ring) throw new Error(ring.problem);

const LINK = { appId: 'app-1', environment: 'test', category: 'news' } as const;

test.each([
  ['a known person', { ...LINK, recipientId: 'user_42' }],
  ['a bare address', { ...LINK, addressHash: 'ab'.repeat(32) }],
  ['neither', LINK],
])('a link for %s leads back to what it was made of', (_, link) => {
  const url = unsubscribeUrl('https://api.test', ring, link);
  expect(url).toMatch(/^https:\/\/api\.test\/v1\/unsubscribe\/[\w.~-]+$/);
  expect(readUnsubscribeToken(ring, url.split('/').at(-1)!)).toEqual(link);
});

test('a token that lacks a part, or has another purpose, is rejected', () => {
  const whole = { a: 'app-1', e: 'test', c: 'news', r: 'user_42' };
  const token = (change: object) => signToken(ring, 'unsubscribe', { ...whole, ...change });
  expect(readUnsubscribeToken(ring, token({}))).toEqual({ ...LINK, recipientId: 'user_42' });
  for (const change of [{ a: 1 }, { e: 'prod' }, { c: null }])
    expect(readUnsubscribeToken(ring, token(change))).toBeNull();
  expect(readUnsubscribeToken(ring, signToken(ring, 'open', whole))).toBeNull();
  expect(readUnsubscribeToken(ring, 'nothing')).toBeNull();
});
