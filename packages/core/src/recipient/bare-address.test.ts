import { expect, test } from 'vitest';
import { bareAddress } from './bare-address.ts';

test.each([
  ['email', 'Ada <ada@example.test>', 'ada@example.test'],
  ['email', 'ada@EXAMPLE.test', 'ada@example.test'],
  ['sms', 'whatsapp:+15005550006', '+15005550006'],
  ['sms', ' +15005550006 ', '+15005550006'],
] as const)('an address on %s that a provider writes %j is %s', (channel, written, bare) => {
  expect(bareAddress(channel, written)).toBe(bare);
});
