import { expect, test } from 'vitest';
import { addressHash, addressHashes } from './suppression.ts';

const APP = '018f0000-0000-7000-8000-000000000001';
const hashOf = (...args: Parameters<typeof addressHash>) => addressHash(...args).toString('hex');

test('one mailbox has one hash in every spelling', () => {
  expect(hashOf(APP, 'email', 'Ada.Lovelace@Example.COM')).toBe(
    hashOf(APP, 'email', 'ada.lovelace@example.com'),
  );
});

test('device tokens that differ in case are two devices', () => {
  expect(hashOf(APP, 'push', 'dGVzdA')).not.toBe(hashOf(APP, 'push', 'dgvzda'));
});

test('another app or another channel has another hash: lists of two apps cannot be compared', () => {
  const hashes = [
    hashOf(APP, 'sms', '+14155552671'),
    hashOf(APP, 'in_app', '+14155552671'),
    hashOf('018f0000-0000-7000-8000-000000000002', 'sms', '+14155552671'),
  ];
  expect(new Set(hashes).size).toBe(3);
});

test('this hash never changes between releases: stored suppressions depend on it', () => {
  expect(hashOf(APP, 'email', 'ada@example.com')).toBe(
    '6ec5410bf04b439667747b2647190d7c94f72c6357fcd945d69c0eaecb0338aa',
  );
});

test.each([
  ['sms', '+4407911123456', '+447911123456'],
  ['sms', 'whatsapp:+447911123456', '+447911123456'],
  ['email', '"ada"@B\u00fccher.example', 'ADA@xn--bcher-kva.example'],
  ['push', 'AB'.repeat(32), 'ab'.repeat(32)],
] as const)('%s: %s and %s are one address', (channel, one, other) => {
  expect(hashOf(APP, channel, one)).toBe(hashOf(APP, channel, other));
});

test('an address stored in an older spelling is looked up in both', () => {
  const [one, old, ...more] = addressHashes(APP, 'sms', '+4407911123456').map((hash) => hash.toString('hex'));
  expect(one).toBe(hashOf(APP, 'sms', '+447911123456'));
  expect(old).toMatch(/^[0-9a-f]{64}$/);
  expect(old).not.toBe(one);
  expect(more).toEqual([]);
  for (const [channel, address] of [
    ['sms', '+447911123456'],
    ['email', 'Ada@Example.com'],
    ['push', 'dGVzdA'],
  ] as const)
    expect(addressHashes(APP, channel, address)).toEqual([addressHash(APP, channel, address)]);
});
