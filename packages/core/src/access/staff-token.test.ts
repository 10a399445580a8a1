import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { signToken } from './signed-token.ts';
import { isStaffToken, makeStaffToken, readStaffToken, STAFF_TOKEN_MS } from './staff-token.ts';

const ring = { current: 'a', keys: new Map([['a', randomBytes(32)]]) };

test('a token names its session and lasts a minute; a forged or altered one is nothing', () => {
  const token = makeStaffToken(ring, 'session-1', 1_000);
  expect(isStaffToken(token)).toBe(true);
  expect(readStaffToken(ring, token)).toEqual({ sessionId: 'session-1', until: 1_000 + STAFF_TOKEN_MS });
  expect(readStaffToken({ current: 'a', keys: new Map([['a', randomBytes(32)]]) }, token)).toBeNull();
  expect(readStaffToken(ring, `${token}x`)).toBeNull();
  expect(
    readStaffToken(ring, `cst_${signToken(ring, 'unsubscribe', { session: 's', until: 1 })}`),
  ).toBeNull();
});
