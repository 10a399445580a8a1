import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeyRing, parseKeyRing, rewrap, SealBroken, seal, unseal } from './envelope.ts';

const ring = (...ids: string[]): KeyRing => {
  const parsed = parseKeyRing(ids.map((id) => `${id}:${KEYS[id]}`).join(','));
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};
const KEYS: Record<string, string> = Object.fromEntries(
  ['old', 'new'].map((id) => [id, randomBytes(32).toString('base64')]),
);

test('a sealed secret opens only for the row it was sealed for', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (secret, row, other) => {
      const sealed = seal(ring('old'), secret, row);
      expect(unseal(ring('old'), sealed, row)).toBe(secret);
      if (other !== row) expect(() => unseal(ring('old'), sealed, other)).toThrow(SealBroken);
    }),
  );
});

test('one flipped bit anywhere in the secret or its key is detected', () => {
  const sealed = seal(ring('old'), 'a secret', 'row/1');
  for (const field of ['sealed', 'dataKey'] as const)
    for (let at = 0; at < sealed[field].length; at++) {
      const bent = Buffer.from(sealed[field]);
      bent[at]! ^= 1;
      expect(() => unseal(ring('old'), { ...sealed, [field]: bent }, 'row/1')).toThrow(SealBroken);
    }
});

test('after a rotation the new key opens what the old one sealed, and the secret itself was not touched', () => {
  const sealed = seal(ring('old'), 'a secret', 'row/1');
  const rewrapped = rewrap(ring('new', 'old'), sealed, 'row/1');
  expect(rewrapped?.keyId).toBe('new');
  expect(unseal(ring('new'), { ...sealed, ...rewrapped! }, 'row/1')).toBe('a secret');
  expect(rewrap(ring('new', 'old'), { ...sealed, ...rewrapped! }, 'row/1')).toBeNull();
});

test('a secret whose key is no longer configured names the missing key', () => {
  expect(() => unseal(ring('new'), seal(ring('old'), 'a secret', 'row/1'), 'row/1')).toThrow(
    /"old" is no longer configured/,
  );
});

test.each([
  ['', /<id>:<base64>/],
  ['k1', /has 0 bytes/],
  ['k1:c2hvcnQ=', /has 5 bytes, it must have 32/],
  ['a b:c2hvcnQ=', /<id>:<base64>/],
])('a key ring that cannot be is refused with the remedy: %j', (text, problem) => {
  expect(parseKeyRing(text)).toEqual({ problem: expect.stringMatching(problem) });
});

test('two keys of one id are refused', () => {
  expect(parseKeyRing(`k:${KEYS.old},k:${KEYS.new}`)).toEqual({ problem: 'key id k is used twice' });
});
