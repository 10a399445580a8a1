import { randomBytes, randomUUID } from 'node:crypto';
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

const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');
const file = (over: Record<string, unknown> = {}) => ({
  filename: 'invoice.pdf',
  content_type: 'application/pdf',
  content: base64('%PDF'),
  ...over,
});
const mail = (attachments: unknown, over: Record<string, unknown> = {}) => ({
  to: { email: 'ok@example.com', phone: '+14155552671' },
  channel: 'email',
  content: { subject: 'S', text: 'T' },
  attachments,
  ...over,
});
const send = (body: unknown) => api.request('POST', '/v1/notifications', body);
const filesOf = (id: string) =>
  api.db.sql`
    select position, filename, content_type, content, url, size_bytes from attachments
    where notification_id = ${id} order by position`;
const FETCHED = { filename: 'terms.pdf', url: 'https://files.example.com/terms.pdf?sig=secret' };

describe('attachments', () => {
  test('are stored with the notification, by content and by address, in their order', async () => {
    const { status, body } = await send(mail([file({ filename: 'Größe "1".pdf' }), FETCHED]));
    expect(status).toBe(202);
    expect(await filesOf(body.id)).toEqual([
      {
        position: 0,
        filename: 'Größe "1".pdf',
        content_type: 'application/pdf',
        content: Buffer.from('%PDF'),
        url: null,
        size_bytes: 4,
      },
      {
        position: 1,
        filename: 'terms.pdf',
        content_type: '',
        content: null,
        url: FETCHED.url,
        size_bytes: null,
      },
    ]);
    const [row] = await api.db.sql`select options from notifications where id = ${body.id}`;
    expect(row!.options).toEqual({ attachments_bytes: 4 + 10 * 1024 * 1024 });
  });

  test('are shown by name, type and size, never by content or address', async () => {
    const { body } = await send(mail([file(), FETCHED]));
    const { body: shown } = await api.request('GET', `/v1/notifications/${body.id}`);
    expect(shown.attachments).toEqual([
      { filename: 'invoice.pdf', content_type: 'application/pdf', size_bytes: 4 },
      { filename: 'terms.pdf', content_type: null, size_bytes: null },
    ]);
    expect(JSON.stringify(shown)).not.toMatch(/secret|JVBERg/);
    const { body: without } = await send(mail(undefined));
    expect((await api.request('GET', `/v1/notifications/${without.id}`)).body.attachments).toEqual([]);
  });

  test('are part of the fingerprint: the same request again is a replay, another file a conflict', async () => {
    const idempotency_key = randomUUID();
    const first = await send(mail([file()], { idempotency_key }));
    const again = await send(mail([file()], { idempotency_key }));
    expect([again.status, again.headers.get('idempotent-replayed'), again.body.id]).toEqual([
      202,
      'true',
      first.body.id,
    ]);
    for (const attachments of [
      [file({ content: base64('%PDG') })],
      [file({ filename: 'b.pdf' })],
      [file(), file()],
      undefined,
    ])
      expect((await send(mail(attachments, { idempotency_key }))).status).toBe(409);
    expect(await filesOf(first.body.id)).toHaveLength(1);
  });

  test('may be as large as the body limit allows', async () => {
    const content = randomBytes(700 * 1024);
    const { status, body } = await send(mail([file({ content: base64(content) })]));
    expect(status).toBe(202);
    expect((await filesOf(body.id))[0]).toMatchObject({ content, size_bytes: content.length });
  });

  test('may be combined with an ordering key and sent in a batch, where each item has its own', async () => {
    const items = [
      mail([file({ content: base64('a') })], { ordering_key: 'line' }),
      mail(undefined),
      mail([file({ content: base64('b') }), FETCHED]),
      mail([file({ content: 'no base64' })]),
    ];
    const { body } = await api.request('POST', '/v1/notifications/batch', { notifications: items });
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([202, 202, 202, 422]);
    const [first, second, third] = body.results;
    expect(await filesOf(first.id)).toMatchObject([{ content: Buffer.from('a') }]);
    expect(await filesOf(second.id)).toHaveLength(0);
    expect(await filesOf(third.id)).toMatchObject([{ content: Buffer.from('b') }, { url: FETCHED.url }]);
  });

  test('of many concurrent requests are all stored, each with its own notification', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => send(mail([file({ content: base64(`file ${n}`) })]))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    for (const [n, { body }] of answers.entries())
      expect(await filesOf(body.id)).toMatchObject([{ content: Buffer.from(`file ${n}`) }]);
  });

  test('a route that has e-mail among others may carry them', async () => {
    const content = { subject: 'S', text: 'T' };
    expect(
      (await send(mail([file()], { channel: undefined, route: ['sms', 'email'], content }))).status,
    ).toBe(202);
  });
});

const eleven = Array.from({ length: 11 }, () => file());
const refusals: [string, unknown, string, ...string[]][] = [
  ['none at all', [], 'attachments', 'at least 1'],
  ['more than ten', eleven, 'attachments', 'at most 10'],
  [
    'more than fits',
    [file({ content: base64(Buffer.alloc(700 * 1024 + 1)) })],
    'attachments',
    '716801 bytes',
    'at most 716800',
    'url',
  ],
  [
    'more than fits together',
    Array.from({ length: 8 }, () => file({ content: base64(Buffer.alloc(90_000)) })),
    'attachments',
    '720000',
  ],
  ['both content and url', [file({ url: FETCHED.url })], 'attachments.0.url', 'one of the two'],
  [
    'neither content nor url',
    [{ filename: 'a', content_type: 'a/b' }],
    'attachments.0.content',
    'give content or url',
  ],
  ['content that is no base64', [file({ content: 'häh?' })], 'attachments.0.content', 'base64'],
  ['base64 for URLs', [file({ content: 'ab-_' })], 'attachments.0.content', 'base64'],
  ['base64 with line breaks', [file({ content: 'QUJD\r\nQUJD' })], 'attachments.0.content', 'line breaks'],
  ['an empty file', [file({ content: '' })], 'attachments.0.content', 'empty'],
  [
    'content without a type',
    [file({ content_type: undefined })],
    'attachments.0.content_type',
    'application/pdf',
  ],
  [
    'a type that is none',
    [file({ content_type: 'pdf' })],
    'attachments.0.content_type',
    '"pdf"',
    'application/pdf',
  ],
  [
    'a header in the type',
    [file({ content_type: 'a/b\r\nBcc: eve@x.example' })],
    'attachments.0.content_type',
    'media type',
  ],
  ['a path', [file({ filename: '../../etc/passwd' })], 'attachments.0.filename', 'path'],
  ['a path of Windows', [file({ filename: 'C:\\boot.ini' })], 'attachments.0.filename', 'path'],
  ['a directory for a name', [file({ filename: '..' })], 'attachments.0.filename', 'path'],
  ['a header in the name', [file({ filename: 'a.pdf"\r\nX: y' })], 'attachments.0.filename', 'line break'],
  ['a name without end', [file({ filename: 'a'.repeat(256) })], 'attachments.0.filename', '255'],
  ['no name', [file({ filename: undefined })], 'attachments.0.filename', 'missing'],
  [
    'an address by http',
    [{ filename: 'a', url: 'http://files.example.com/a' }],
    'attachments.0.url',
    'only https',
  ],
  ['an address of a file', [{ filename: 'a', url: 'file:///etc/passwd' }], 'attachments.0.url', 'https'],
  [
    'an address of our own network',
    [{ filename: 'a', url: 'https://169.254.169.254/latest' }],
    'attachments.0.url',
    'private network',
  ],
  ['this machine', [{ filename: 'a', url: 'https://localhost/a' }], 'attachments.0.url', 'private network'],
  [
    'an address with a password',
    [{ filename: 'a', url: 'https://u:p@files.example.com/a' }],
    'attachments.0.url',
    'password',
  ],
  ['an unknown field', [file({ inline: true })], 'attachments.0.inline', 'no field "inline"'],
];

test.each(refusals)('%s is refused, named, and nothing stored', async (_, attachments, path, ...words) => {
  const before = (await api.db.sql`select count(*)::int as n from attachments`)[0]!.n;
  const { status, body } = await send(mail(attachments));
  expect(status).toBe(422);
  const found = body.errors.find((error: { path: string }) => error.path === path);
  for (const word of words) expect(found?.message).toContain(word);
  expect((await api.db.sql`select count(*)::int as n from attachments`)[0]!.n).toBe(before);
});

test('an SMS has no attachments', async () => {
  const { status, body } = await send(mail([file()], { channel: 'sms', content: { text: 'T' } }));
  expect(status).toBe(422);
  expect(body.errors).toEqual([
    { path: 'attachments', message: 'have no meaning without email in the route; leave them out' },
  ]);
});

test('all problems are reported at once', async () => {
  const { body } = await send(mail([file({ content: '!' }), { filename: 'b', url: 'https://10.0.0.1/' }]));
  expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
    'attachments.0.content',
    'attachments.1.url',
  ]);
});

test('a self-hosted installation may allow its own network', async () => {
  const own = await apiUnderTest(database.url, { env: { WEBHOOKS_ALLOW_PRIVATE: 'true' } });
  const attachments = [{ filename: 'a', url: 'http://10.0.0.1/a' }];
  expect((await own.request('POST', '/v1/notifications', mail(attachments))).status).toBe(202);
  const batch = { notifications: [mail(attachments)] };
  expect((await own.request('POST', '/v1/notifications/batch', batch)).body.results).toMatchObject([
    { status: 202 },
  ]);
  await own.close();
});
