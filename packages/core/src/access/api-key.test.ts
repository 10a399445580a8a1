import { expect, test } from 'vitest';
import { createApiKey, parseApiKey, secretMatches } from './api-key.ts';

test('a new key can be read back, names its environment and matches only its own hash', () => {
  const key = createApiKey('live');
  expect(key.text).toMatch(/^cln_live_[0-9a-f]{12}_[0-9a-f]{48}_[0-9a-f]{8}$/);
  expect(parseApiKey(key.text)).toEqual({ environment: 'live', keyId: key.keyId, secret: key.secret });
  expect(secretMatches(key.secret, key.secretHash)).toBe(true);
  expect(secretMatches(createApiKey('live').secret, key.secretHash)).toBe(false);
});

test('a mistyped key is refused without a look-up: the checksum does not fit', () => {
  const { text } = createApiKey('test');
  const swapped = text.replace(/(cln_test_)(.)(.)/, (_, head, a, b) =>
    a === b ? `${head}${a === '0' ? '1' : '0'}${b}` : `${head}${b}${a}`,
  );
  expect(parseApiKey(swapped)).toBeNull();
  expect(parseApiKey(text.slice(0, -1))).toBeNull();
  expect(parseApiKey(text.replace('test', 'live'))).toBeNull();
  expect(parseApiKey('')).toBeNull();
});
