import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { APNS_KEY } from '../../../../test/contract/credentials.ts';
import { providerTokens } from './token.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
let nowMs = START_MS;
const fresh = () => {
  nowMs = START_MS;
  return providerTokens(APNS_KEY, () => nowMs);
};

test('the token is signed by the key, for the team, from now on', () => {
  const [head, claims, signature] = fresh().current().split('.') as [string, string, string];
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(json(head)).toEqual({ alg: 'ES256', kid: APNS_KEY.keyId });
  expect(json(claims)).toEqual({ iss: APNS_KEY.teamId, iat: START_MS / 1000 });
  const key = { key: createPublicKey(APNS_KEY.privateKey), dsaEncoding: 'ieee-p1363' as const };
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
    true,
  );
});

test('one token serves all calls until it is 40 minutes old, well before the hour that Apple allows', () => {
  const tokens = fresh();
  const first = tokens.current();
  nowMs += 40 * MINUTE_MS - 1;
  expect(tokens.current()).toBe(first);
  nowMs += 1;
  expect(tokens.current()).not.toBe(first);
});

test('a rejected token is renewed once, however many calls were in flight with it', () => {
  const tokens = fresh();
  const first = tokens.current();
  nowMs += 20 * MINUTE_MS;
  expect(tokens.renew(first)).toBe(true);
  const second = tokens.current();
  expect(second).not.toBe(first);
  expect(tokens.renew(first)).toBe(true);
  expect(tokens.current()).toBe(second);
});

test('no token is renewed within 20 minutes: Apple would refuse that too', () => {
  const tokens = fresh();
  const first = tokens.current();
  nowMs += 20 * MINUTE_MS - 1;
  expect(tokens.renew(first)).toBe(false);
  expect(tokens.current()).toBe(first);
});

test('a key of another kind is refused at once', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  expect(() => providerTokens({ ...APNS_KEY, privateKey })).toThrow(
    'credentials.privateKey must be the P-256 key',
  );
});
