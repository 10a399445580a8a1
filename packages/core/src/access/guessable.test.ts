import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { whyGuessable, whyNotRandom } from './guessable.ts';

test.each([
  'short',
  'postgres',
  'changeme',
  'change-me-please'.slice(0, 12),
  'password1234',
  'P@ssw0rd1234',
  'carillon-redis-2026',
  'postgrespostgres',
  'replace-this-secret',
  'your-password-here',
  'aaaaaaaaaaaaaaaaaaaa',
  'abababababababababab',
  '123456789012',
  'metrics-token-1234567890',
])('%s could be guessed', (secret) => {
  expect(whyGuessable(secret)).toBeDefined();
});

test('words of its own URL are not accepted as a password', () => {
  expect(whyGuessable('acmecourier-acmecourier', ['acmecourier'])).toBeDefined();
  expect(whyGuessable('acmecourier-acmecourier')).toBeUndefined();
});

test('output of openssl, and passphrases of unusual words, are accepted', () => {
  for (let round = 0; round < 200; round++) {
    expect(whyGuessable(randomBytes(24).toString('hex'))).toBeUndefined();
    expect(whyGuessable(randomBytes(24).toString('base64'))).toBeUndefined();
    expect(whyNotRandom(randomBytes(32))).toBeUndefined();
  }
  expect(whyGuessable('a-token-of-enough-characters')).toBeUndefined();
  expect(whyGuessable('829374650192837465')).toBeUndefined();
});

test.each<[string, Buffer]>([
  ['the key of .env.example', Buffer.alloc(32, 'carillon')],
  ['zero bytes', Buffer.alloc(32)],
  ['one byte over and over', Buffer.alloc(32, 255)],
  ['a phrase', Buffer.from('correct horse battery staple 123')],
  ['the digits of a hash', Buffer.from('0123456789abcdef0123456789abcdef')],
  ['bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, n) => n))],
  ['bytes that count down by three', Buffer.from(Array.from({ length: 32 }, (_, n) => 255 - 3 * n))],
  ['16 bytes twice', Buffer.alloc(32, Buffer.from('8f3a11c95e07b264d9f04c7ea1385bd2', 'hex'))],
  ['4 bytes over and over', Buffer.alloc(32, Buffer.from('8f3a11c9', 'hex'))],
])('a key of %s is not random', (_, key) => {
  expect(key).toHaveLength(32);
  expect(whyNotRandom(key)).toBeDefined();
});
