import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeRecipientToken, type RecipientToken, readRecipientToken } from './recipient-token.ts';
import { signToken } from './signed-token.ts';

const ring = { current: 'k1', keys: new Map([['k1', randomBytes(32)]]) };
const token: RecipientToken = {
  owner: { appId: 'app', environment: 'live', recipientId: 'user_42 ü' },
  scopes: ['inbox'],
  madeAt: 1000,
  until: 2000,
};

test('a token says whose it is, what it opens and when it ends', () => {
  expect(readRecipientToken(ring, makeRecipientToken(ring, token))).toEqual(token);
});

test('an altered token, or one of another purpose or another installation, is nothing', () => {
  const made = makeRecipientToken(ring, token);
  const [payload = '', mac = ''] = made.slice('crt_'.length).split('.');
  const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('user_42', 'user_43'));
  expect(readRecipientToken(ring, `crt_${other.toString('base64url')}.${mac}`)).toBeNull();
  expect(readRecipientToken(ring, made.slice(0, -1))).toBeNull();
  expect(readRecipientToken(ring, made.replace('crt_', 'cst_'))).toBeNull();
  const staff = signToken(ring, 'staff', { app: 'app', env: 'live', id: 'x', scopes: [], made: 1, until: 2 });
  expect(readRecipientToken(ring, `crt_${staff}`)).toBeNull();
  const elsewhere = { current: 'k1', keys: new Map([['k1', randomBytes(32)]]) };
  expect(readRecipientToken(elsewhere, made)).toBeNull();
});

test('a scope that this release does not know opens nothing', () => {
  const signed = signToken(ring, 'recipient', {
    app: 'app',
    env: 'live',
    id: 'x',
    scopes: ['inbox', 'everything'],
    made: 1,
    until: 2,
  });
  expect(readRecipientToken(ring, `crt_${signed}`)?.scopes).toEqual(['inbox']);
});
