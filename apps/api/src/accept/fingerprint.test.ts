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

test('a known request keeps its value: stored requests are compared with it', () => {
  expect(of(request)).toBe('\\xae50e5fdc4cc8e794dcfde82387be2c400f249d13f24d92015c6d648de241537');
});

test('neither field order nor an explicit default nor the key changes the fingerprint', () => {
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
])('%s changes the fingerprint', (_, change) => {
  expect(of({ ...request, ...change })).not.toBe(of(request));
});

const SUBSCRIPTION = {
  endpoint: 'https://push.example/send/abc',
  keys: {
    p256dh: 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM',
    auth: 'tBHItJI5svbpez7KI4CCXg',
  },
  expirationTime: null,
};

/** Every field of a request, except for the two other kinds of push addresses. */
const EVERY_FIELD = {
  to: {
    recipient_id: 'user_42',
    email: 'Ada.Lovelace@Example.COM',
    phone: '+14155550100',
    push: { fcm_token: 'fcm-token:1' },
  },
  channel: 'email',
  route: ['push', 'sms', 'email', 'in_app'],
  template: 'order_shipped',
  locale: 'de-AT',
  data: { z: null, a: [1, { y: true, b: 'é' }], n: 1.5 },
  content: {
    subject: 'Hello',
    text: 'Text',
    html: '<p>Text</p>',
    title: 'Title',
    body: 'Body',
    url: 'https://example.com/a',
  },
  priority: 'critical',
  category: 'Orders',
  idempotency_key: 'key-1',
  event_id: 'event-1',
  send_at: '2030-01-01T01:00:00.5+01:00',
  expires_at: '2030-01-02T00:00:00Z',
  ttl_seconds: 3600,
  ordering_key: 'order-17',
  digest: { any: 'thing' },
  metadata: { b: '2', a: '1' },
  from: 'Carillon <Hello@Example.com>',
  reply_to: 'Answers@Example.com',
  attachments: [
    { filename: 'a.txt', content_type: 'text/plain', content: 'QQ==' },
    { filename: 'b.pdf', url: 'https://files.example/b.pdf' },
  ],
  push: { sound: null, badge: 0, data: { screen: 'order', id: 'A-17' } },
};

test('the body with every field has every field of the schema', () => {
  expect(Object.keys(EVERY_FIELD).sort()).toEqual(Object.keys(sendSchema.shape).sort());
});

test.each([
  ['every field', EVERY_FIELD, '\\x1328030caccf2fa6882e0118343789e78f2b08c0a7cc987a28c9c712300b5db6'],
  [
    'every field in the opposite order',
    Object.fromEntries(Object.entries(EVERY_FIELD).reverse()),
    '\\x1328030caccf2fa6882e0118343789e78f2b08c0a7cc987a28c9c712300b5db6',
  ],
  [
    'another idempotency key',
    { ...EVERY_FIELD, idempotency_key: 'key-2' },
    '\\x1328030caccf2fa6882e0118343789e78f2b08c0a7cc987a28c9c712300b5db6',
  ],
  [
    'the fewest fields',
    { to: { email: 'ada@example.com' } },
    '\\x184fc6a7e607843d13c6971ee6e5994d919207a33cedb15f1c4f03b3e7eabcfb',
  ],
  [
    'an APNs token',
    { to: { push: { apns_token: 'AB'.repeat(32) } }, channel: 'push' },
    '\\x1d306e5ee81079d898f4800731542a45da511debaa564970b11352a0c494ea47',
  ],
  [
    'a Web Push subscription',
    { to: { push: { subscription: SUBSCRIPTION } }, channel: 'push' },
    '\\x71c87a2bffcd94062f8066344d92c776167f84989548016c1d45d6e324f3e615',
  ],
  [
    'an SMS',
    { to: { phone: '+14155550100' }, channel: 'sms', content: { text: 'Code 123' } },
    '\\xf31e9e3576399da7e0ee791ec535431d8607d4e23bbb2cadfc9718576d7b16ea',
  ],
])('%s has the fingerprint that earlier releases stored', (_, request, stored) => {
  expect(of(request)).toBe(stored);
});
