import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRing } from '../notification/envelope.ts';
import { readToken, signToken } from './signed-token.ts';

const ring = (...ids: number[]): KeyRing => ({
  current: String(ids[0]),
  keys: new Map(ids.map((id) => [String(id), Buffer.alloc(32, id)])),
});

test('a token carries its signed payload and is URL-safe', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (payload) => {
      const token = signToken(ring(1), 'unsubscribe', payload);
      expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
      expect(readToken(ring(1), 'unsubscribe', token)).toEqual(JSON.parse(JSON.stringify(payload)));
    }),
  );
});

test('a changed, truncated or forged token, or one for another purpose, is rejected', () => {
  const token = signToken(ring(1), 'unsubscribe', { r: 'user_42' });
  const [text, mac] = token.split('.') as [string, string];
  const other = Buffer.from(JSON.stringify({ r: 'user_43' })).toString('base64url');
  for (const bad of [
    '',
    '.',
    text,
    `${text}.`,
    `${other}.${mac}`,
    `${text}.${mac.slice(1)}`,
    `${token}.x`,
    token.slice(1),
    'x'.repeat(5000),
  ])
    expect(readToken(ring(1), 'unsubscribe', bad)).toBeNull();
  expect(readToken(ring(1), 'open', token)).toBeNull();
  expect(readToken(ring(2), 'unsubscribe', token)).toBeNull();
});

test('after a rotation old links still work while their key is configured', () => {
  const token = signToken(ring(1), 'unsubscribe', { r: 'user_42' });
  expect(readToken(ring(2, 1), 'unsubscribe', token)).toEqual({ r: 'user_42' });
});
