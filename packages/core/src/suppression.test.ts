import { expect, test } from 'vitest';
import { addressHash } from './suppression.ts';

const APP = '018f0000-0000-7000-8000-000000000001';
const hashOf = (...args: Parameters<typeof addressHash>) => addressHash(...args).toString('hex');

test('one mailbox has one hash, however it is spelt', () => {
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
