import { expect, test } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { sendSchema } from './send-schema.ts';

const request = {
  to: { recipient_id: 'user_42', email: 'ada@example.com' },
  route: ['push', 'email'],
  template: 'order_shipped',
  locale: 'en',
  data: { name: 'Ada', order: { id: 'A-17', items: [1, 2] } },
  priority: 'normal',
  category: 'orders',
  send_at: '2030-01-01T00:00:00Z',
  ttl_seconds: 60,
  metadata: { b: '2', a: '1' },
};
const of = (value: unknown) => fingerprint(sendSchema.parse(value));

test('a known request has the value it always had: stored requests are compared with it', () => {
  expect(of(request)).toBe('\\xae50e5fdc4cc8e794dcfde82387be2c400f249d13f24d92015c6d648de241537');
});

test('neither the order of fields nor a default that is spelled out nor the key makes another request', () => {
  const reversed = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, member]) => [key, reversed(member)])
            .reverse(),
        )
      : value;
  expect(of(reversed(request))).toBe(of(request));
  const { priority: _, ...short } = request;
  expect(of(short)).toBe(of(request));
  expect(of({ ...request, idempotency_key: 'k' })).toBe(of(request));
});

test.each([
  ['an address', { to: { recipient_id: 'user_43', email: 'ada@example.com' } }],
  ['the order of the route', { route: ['email', 'push'] }],
  ['a variable', { data: { name: 'Ada', order: { id: 'A-18', items: [1, 2] } } }],
  ['the order of a list', { data: { name: 'Ada', order: { id: 'A-17', items: [2, 1] } } }],
  ['a pair of metadata', { metadata: { a: '2', b: '1' } }],
  ['data instead of metadata', { data: { a: '1', b: '2' }, metadata: undefined }],
])('%s makes another request', (_, change) => {
  expect(of({ ...request, ...change })).not.toBe(of(request));
});
