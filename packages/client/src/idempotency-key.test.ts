import { eventKey } from '@carillon/core/text/ids';
import { expect, test } from 'vitest';
import { idempotencyKey } from './idempotency-key.ts';

test.each([
  ['user_42', 'order_shipped', 'order-17'],
  ['user_42', '', 'order-17'],
  ['Ζωή 👋', 'grüße', '1:2;'],
])(
  'it equals the key that the server derives from an event_id: %s, %s, %s',
  async (recipient, template, event) => {
    expect(await idempotencyKey.from(recipient, template, event)).toBe(eventKey(recipient, template, event));
  },
);

test('no two triples make the same key', async () => {
  const keys = await Promise.all([
    idempotencyKey.from('a', 'b', 'c'),
    idempotencyKey.from('ab', '', 'c'),
    idempotencyKey.from('a', 'bc', '1:'),
    idempotencyKey.from('a;1:b', '', 'c'),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a part that is missing is refused rather than hashed', async () => {
  await expect(idempotencyKey.from('user', 'template', undefined as never)).rejects.toThrow(
    /event is undefined/,
  );
  await expect(idempotencyKey.from('', 'template', 'e')).rejects.toThrow(/recipient is ""/);
});

test('random keys are valid for the API, and never the same', () => {
  const keys = Array.from({ length: 100 }, idempotencyKey.random);
  expect(new Set(keys).size).toBe(100);
  expect(keys[0]).toMatch(/^auto_[0-9a-f]{32}$/);
});
