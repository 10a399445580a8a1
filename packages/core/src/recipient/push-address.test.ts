import { createECDH, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  canonicalApnsToken,
  canonicalAuthSecret,
  canonicalEndpoint,
  canonicalP256dh,
} from './push-address.ts';

test('an APNs token is valid in both cases, of any length that Apple may choose', () => {
  expect(canonicalApnsToken('AB'.repeat(32))).toBe('ab'.repeat(32));
  expect(canonicalApnsToken('0f'.repeat(100))).toBe('0f'.repeat(100));
  for (const text of [
    '',
    'ab',
    'a'.repeat(65),
    'ab'.repeat(31),
    'ab'.repeat(101),
    'xy'.repeat(32),
    `<${'ab'.repeat(32)}>`,
  ])
    expect(canonicalApnsToken(text)).toBeNull();
});

test('keys of a subscription are taken in every spelling of base64 and kept in one', () => {
  const browser = createECDH('prime256v1');
  for (let n = 0; n < 20; n++) {
    const key = browser.generateKeys();
    const one = key.toString('base64url');
    for (const text of [one, `${one}=`, key.toString('base64')]) expect(canonicalP256dh(text)).toBe(one);
  }
  const secret = randomBytes(16);
  for (const text of [secret.toString('base64'), secret.toString('base64url')])
    expect(canonicalAuthSecret(text)).toBe(secret.toString('base64url'));
});

/** A power modulo the prime of P-256. */
function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let rest = exponent; rest > 0n; rest /= 2n) {
    if (rest % 2n === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = BigInt('0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b');

test('a coordinate below the prime of the curve is taken, the same one written as the prime is not', () => {
  // The point whose x is 0: its y is the root of b.
  const y = power(B, (PRIME + 1n) / 4n);
  const point = (x: bigint) => {
    const hex = [x, y].map((each) => each.toString(16).padStart(64, '0')).join('');
    return Buffer.from(`04${hex}`, 'hex').toString('base64url');
  };
  expect(canonicalP256dh(point(0n))).toBe(point(0n));
  expect(canonicalP256dh(point(PRIME))).toBeNull();
  expect(canonicalP256dh(point(1n))).toBeNull();
});

test('keys of another length, of another kind or off the curve are refused', () => {
  const browser = createECDH('prime256v1');
  browser.generateKeys();
  const compressed = browser.getPublicKey('base64url', 'compressed');
  const off = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url');
  for (const text of ['', 'BPk', compressed, off, '!'.repeat(87), `${browser.getPublicKey('base64url')}==`])
    expect(canonicalP256dh(text)).toBeNull();
  for (const text of ['', 'x1', randomBytes(15).toString('base64url'), randomBytes(17).toString('base64url')])
    expect(canonicalAuthSecret(text)).toBeNull();
});

test('an endpoint is an https URL', () => {
  expect(canonicalEndpoint('https://Push.example/fcm/send/x:y?a=b')).toBe(
    'https://push.example/fcm/send/x:y?a=b',
  );
  for (const text of [
    'http://push.example/',
    'push.example',
    'https://u:p@push.example/',
    'https://push.example/#a',
    'https:push',
    'https://a b/',
    '',
  ])
    expect(canonicalEndpoint(text)).toBeNull();
});
