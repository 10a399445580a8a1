import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const good = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const stored = async () => Number((await api.db.sql`select count(*) as n from notifications`)[0]!.n);

/** The change to a valid request, the field that must be named, and words that the message must contain. */
const refusals: [string, Record<string, unknown>, string, ...string[]][] = [
  ['an unknown field', { chanel: 'email' }, 'chanel', 'there is no field "chanel"'],
  // Each recipient is a notification, and e-mail headers are set by Carillon (docs/providers.md).
  ['copies', { cc: ['b@example.com'] }, 'cc', 'there is no field "cc"'],
  ['blind copies', { bcc: ['b@example.com'] }, 'bcc', 'there is no field "bcc"'],
  ['headers', { headers: { 'X-Mailer': 'x' } }, 'headers', 'there is no field "headers"'],
  ['an unknown field inside', { to: { email: 'a@example.com', mail: 'x' } }, 'to.mail', 'no field "mail"'],
  ['no address', { to: {} }, 'to', 'must contain one of'],
  ['no to at all', { to: undefined }, 'to', 'missing'],
  ['an address that is none', { to: { email: 'ada@' } }, 'to.email', '"ada@"', 'ada@example.com'],
  [
    'an address with a header in it',
    { to: { email: 'a@example.com\r\nBcc: b@example.com' } },
    'to.email',
    'e-mail',
  ],
  ['an address with an endless domain', { to: { email: `a@${'x'.repeat(300)}.com` } }, 'to.email', '254'],
  [
    'a local number',
    { to: { phone: '0171 1234567' } },
    'to.phone',
    '"0171 1234567"',
    'E.164',
    '+14155552671',
  ],
  ['an impossible number', { to: { phone: '+1415555' } }, 'to.phone', 'E.164'],
  ['two devices', { to: { push: { fcm_token: 'a', apns_token: 'b'.repeat(64) } } }, 'to.push', 'exactly one'],
  ['no device', { to: { push: {} } }, 'to.push', '0 devices'],
  [
    'a subscription over http',
    { to: { push: { subscription: { endpoint: 'http://x.example/', keys: { p256dh: 'a', auth: 'b' } } } } },
    'to.push.subscription.endpoint',
    'https',
  ],
  ['an unknown channel', { channel: 'fax' }, 'channel', '"fax"', 'email, sms, push, in_app'],
  ['neither channel nor route', { channel: undefined }, 'channel', 'missing', 'route'],
  ['both channel and route', { route: ['email'] }, 'route', 'one of the two'],
  ['an empty route', { channel: undefined, route: [] }, 'route', 'at least 1'],
  ['a channel twice', { channel: undefined, route: ['email', 'email'] }, 'route', 'twice'],
  ['an inbox without a recipient', { channel: 'in_app' }, 'to.recipient_id', 'in_app needs a recipient'],
  ['neither template nor content', { content: undefined }, 'template', 'missing'],
  ['both template and content', { template: 'x' }, 'content', 'one of the two'],
  ['data without a template', { data: { a: 1 } }, 'data', 'belongs to a template'],
  ['content without what the channel needs', { content: { text: 'T' } }, 'content.subject', 'email needs it'],
  ['content without a body', { content: { subject: 'S' } }, 'content.text', 'text or html'],
  [
    'content that does not suit a fallback',
    { channel: undefined, route: ['email', 'push'] },
    'content.title',
    'push needs it',
  ],
  [
    'a header in the subject',
    { content: { subject: 'S\r\nBcc: b@example.com', text: 'T' } },
    'content.subject',
    'line break',
  ],
  [
    'a subject that is too long',
    { content: { subject: 'x'.repeat(999), text: 'T' } },
    'content.subject',
    '998 characters',
  ],
  [
    'an SMS that is too long',
    { channel: 'sms', to: { phone: '+14155552671' }, content: { text: 'x'.repeat(1_601) } },
    'content.text',
    '1601',
    '1600',
  ],
  [
    'a link that runs code',
    { channel: 'push', content: { title: 'T', body: 'B', url: 'javascript:alert(1)' } },
    'content.url',
    'javascript',
  ],
  ['an unknown priority', { priority: 'urgent' }, 'priority', '"urgent"', 'critical, normal, bulk'],
  ['a header in from', { from: 'a@example.com\nX: y' }, 'from', 'line break'],
  ['a sender that is none', { from: 'Ada' }, 'from', '"Ada"', 'e-mail sender'],
  ['a header in reply_to', { reply_to: 'a@example.com\u0085' }, 'reply_to', 'control character'],
  ['answers to nowhere', { reply_to: 'nobody' }, 'reply_to', '"nobody"'],
  ['a time that is none', { send_at: 'tomorrow' }, 'send_at', '"tomorrow"', 'RFC 3339'],
  ['a day that does not exist', { send_at: '2030-02-30T00:00:00Z' }, 'send_at', 'RFC 3339'],
  [
    'an expiry in the past',
    { expires_at: '2020-01-01T00:00:00Z' },
    'expires_at',
    '2020-01-01T00:00:00Z has passed',
  ],
  [
    'an expiry before the send',
    { send_at: '2098-01-02T00:00:00Z', expires_at: '2098-01-01T00:00:00Z' },
    'expires_at',
    'not after send_at',
  ],
  ['two expiries', { expires_at: '2098-01-01T00:00:00Z', ttl_seconds: 5 }, 'ttl_seconds', 'one of the two'],
  ['no time to live', { ttl_seconds: 0 }, 'ttl_seconds', 'at least 1'],
  ['half a second to live', { ttl_seconds: 0.5 }, 'ttl_seconds', 'whole number'],
  ['a digest', { digest: { key: 'k', window_seconds: 60 } }, 'digest', 'not available yet'],
  ['metadata that is no text', { metadata: { a: 1 } }, 'metadata.a', 'string'],
  [
    'too much metadata',
    { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v'])) },
    'metadata',
    '21',
    '20',
  ],
  [
    'an idempotency key with a space',
    { idempotency_key: 'a b' },
    'idempotency_key',
    '"a b"',
    'visible ASCII',
  ],
  ['an idempotency key that is too long', { idempotency_key: 'x'.repeat(256) }, 'idempotency_key', '255'],
  ['an empty idempotency key', { idempotency_key: '' }, 'idempotency_key', '1 to 255'],
  ['a locale that is none', { locale: 'english!', content: undefined, template: 'x' }, 'locale', 'BCP 47'],
  ['a NUL in the text', { content: { subject: 'S', text: 'a\u0000b' } }, 'content.text', 'U+0000'],
  [
    'a NUL in the name of a variable',
    { content: undefined, template: 't', data: { 'a\u0000': 1 } },
    'data',
    'U+0000',
  ],
  ['half a character', { content: { subject: 'S', text: 'a\ud83d' } }, 'content.text', 'surrogate'],
];

describe('a send is refused with the field, the value, the bound and the remedy for', () => {
  test.each(refusals)('%s', async (_, change, path, ...words) => {
    const { status, headers, body } = await api.request('POST', '/v1/notifications', { ...good, ...change });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({
      code: 'invalid_request',
      status: 422,
      type: 'http://api.test/docs/problems#invalid_request',
      request_id: headers.get('x-request-id'),
    });
    const error = body.errors.find((each: { path: string }) => each.path === path);
    expect(error, JSON.stringify(body.errors)).toBeDefined();
    for (const word of words) expect(error.message).toContain(word);
    expect(body.detail).toContain(body.errors[0].path);
  });

  test('every invalid field at once', async () => {
    const { body } = await api.request('POST', '/v1/notifications', {
      ...good,
      channel: 'fax',
      priority: 'x',
      colour: 1,
    });
    expect(body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'channel',
      'colour',
      'priority',
    ]);
    expect(body.detail).toContain('2 more');
  });

  test('numbers and nesting that PostgreSQL cannot store', async () => {
    const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
    for (const data of ['{"n":1e999}', deep]) {
      const { status, body } = await api.request(
        'POST',
        '/v1/notifications',
        `{"to":{"email":"a@example.com"},"channel":"email","template":"t","data":${data}}`,
      );
      expect([status, body.code]).toEqual([422, 'invalid_request']);
      expect(body.errors[0].path).toMatch(/^data\./);
    }
  });

  test('a nesting of a hundred thousand levels, without breaking', async () => {
    const { status } = await api.request(
      'POST',
      '/v1/notifications',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    );
    expect(status).toBe(422);
  });
});

describe('the Idempotency-Key header', () => {
  test.each([
    ['is longer than 255', 'x'.repeat(256)],
    ['has a space', 'a b'],
    ['is empty', ''],
    ['is not ASCII', 'cl\u00e9'],
  ])('is refused if it %s', async (_, key) => {
    const { status, body } = await api.request('POST', '/v1/notifications', good, {
      headers: { 'Idempotency-Key': key },
    });
    expect([status, body.errors[0].path]).toEqual([422, 'Idempotency-Key']);
  });

  test('is refused if it differs from the one in the body', async () => {
    const { status, body } = await api.request(
      'POST',
      '/v1/notifications',
      { ...good, idempotency_key: 'a' },
      { headers: { 'Idempotency-Key': 'b' } },
    );
    expect([status, body.errors[0].path]).toEqual([422, 'idempotency_key']);
    expect(body.detail).toMatch(/"a".*"b"/);
  });

  test('of 255 visible characters is accepted', async () => {
    const key = `!~${'k'.repeat(253)}`;
    const { status, body } = await api.request('POST', '/v1/notifications', good, {
      headers: { 'Idempotency-Key': key },
    });
    expect([status, body.idempotency_key]).toEqual([202, key]);
  });
});

describe('the body is refused if it', () => {
  const post = (body: string | undefined, headers: Record<string, string>, path = '/v1/notifications') =>
    api.request('POST', path, body, { headers });

  test.each([
    ['is not JSON', '{"to":', {}, 400, 'malformed_json'],
    ['has another content type', 'to=a', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    [
      'is a form',
      'to=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['is larger than 1 MiB', `{"a":"${'x'.repeat(1_048_576)}"}`, {}, 413, 'too_large'],
    ['is missing', undefined, {}, 422, 'invalid_request'],
    ['is null', 'null', {}, 422, 'invalid_request'],
    ['is a list', '[]', {}, 422, 'invalid_request'],
  ])('%s', async (_, text, headers, status, code) => {
    const answer = await post(text, headers as Record<string, string>);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  test('is a batch larger than 5 MiB; one of 4 MiB is read', async () => {
    const padded = (mib: number) => `{"x":"${'x'.repeat(mib * 1_048_576)}"}`;
    expect((await post(padded(5), {}, '/v1/notifications/batch')).status).toBe(413);
    expect((await post(padded(4), {}, '/v1/notifications/batch')).body.errors[0].path).toBe('x');
  });
});

test('nothing that was refused is stored', async () => {
  const before = await stored();
  for (const [, change] of refusals) await api.request('POST', '/v1/notifications', { ...good, ...change });
  expect(await stored()).toBe(before);
  expect(api.logged).toEqual([]);
});

test('an address at an international domain is stored in its DNS form', async () => {
  const answer = await api.request('POST', '/v1/notifications', {
    ...good,
    to: { email: 'ada@b\u00fccher.example' },
  });
  expect(answer.status).toBe(202);
  const [row] = await api.db.sql`select address from notifications where id = ${answer.body.id}`;
  expect(row?.address).toEqual({ email: 'ada@xn--bcher-kva.example' });
  const local = await api.request('POST', '/v1/notifications', {
    ...good,
    to: { email: 'j\u00f6rg@example.com' },
  });
  expect(local.status).toBe(422);
});

test('a sender and a reply address at an international domain are stored in their DNS form', async () => {
  const senders = { from: 'B\u00fccher <shop@b\u00fccher.example>', reply_to: 'help@b\u00fccher.example' };
  const answer = await api.request('POST', '/v1/notifications', { ...good, ...senders });
  expect(answer.status).toBe(202);
  const [row] = await api.db.sql`select options from notifications where id = ${answer.body.id}`;
  expect(row?.options).toEqual({
    from: 'B\u00fccher <shop@xn--bcher-kva.example>',
    reply_to: 'help@xn--bcher-kva.example',
  });
});

test.each([
  'shop@b\u00fccher.example\r\nBcc: b@example.com',
  'shop@b\u00fc\ncher.example',
  'Shop\u2028 <shop@b\u00fccher.example>',
  'Shop <shop@b\u00fccher.example>, b@example.com',
  'shop@b\u00fccher.example/b',
])('no header comes in behind the international domain of %j', async (text) => {
  for (const field of ['from', 'reply_to']) {
    const answer = await api.request('POST', '/v1/notifications', { ...good, [field]: text });
    expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, field]);
  }
  expect((await api.request('POST', '/v1/notifications', { ...good, to: { email: text } })).status).toBe(422);
});
