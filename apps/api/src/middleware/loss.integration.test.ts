import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  const text = { channels: { email: { en: { subject: 'S', text: '{{ id }}' } } } };
  expect((await api.request('PUT', '/v1/templates/t', text)).status).toBe(201);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const withData = (data: string) =>
  `{"to":{"email":"a@example.com"},"channel":"email","template":"t","data":${data}}`;
const send = (data: string) => api.request('POST', '/v1/notifications', withData(data));

describe('what parsing would lose is refused and named', () => {
  test.each([
    ['{"id":4634343214213523454}', 'data.id', 'send it as a string'],
    ['{"id":{"a":[1,0.1234567890123456789012]}}', 'data.id.a.1', '0.1234567890123456789012'],
    ['{"id":1e400}', 'data.id', 'string'],
    ['{"id":1e-400}', 'data.id', 'would become 0'],
    ['{"id":1,"id":2}', 'data.id', 'more than once'],
    ['{"id":1,"__proto__":{"x":1}}', 'data.__proto__', 'choose another'],
    ['{"id":1,"\\u005f_proto__":1}', 'data.__proto__', 'choose another'],
    ['{"id":"\\ud83d"}', 'data.id', 'surrogate'],
  ])('%s', async (data, path, words) => {
    const { status, body } = await send(data);
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'invalid_request', path]);
    expect(body.errors[0].message).toContain(words);
  });

  test('of a route with the generic validator too', async () => {
    const { status, body } = await api.request(
      'PUT',
      '/v1/recipients/r',
      '{"attributes":{"n":9007199254740993}}',
    );
    expect([status, body.errors[0].path]).toEqual([422, 'attributes.n']);
    const twice = await api.request('PUT', '/v1/recipients/r', '{"locale":"en","locale":"de"}');
    expect([twice.status, twice.body.errors[0].path]).toEqual([422, 'locale']);
  });

  test('of a batch in the item alone', async () => {
    const items = ['{"id":1}', '{"id":12345678901234567890}', '{"id":1,"id":2}', '{"id":1.10}'].map(withData);
    const { status, body } = await api.request(
      'POST',
      '/v1/notifications/batch',
      `{"notifications":[${items.join(',')}]}`,
    );
    expect([status, body.results.map((each: { status: number }) => each.status)]).toEqual([
      207,
      [202, 422, 422, 202],
    ]);
    expect(body.results[1].error.errors[0].path).toBe('data.id');
    const twice = await api.request(
      'POST',
      '/v1/notifications/batch',
      '{"notifications":[],"notifications":[{}]}',
    );
    expect([twice.status, twice.body.errors[0].path]).toEqual([422, 'notifications']);
  });
});

test.each(['1.0', '1.10', '1e2', '-0', '0.1', '9007199254740991', '-12.5e-3'])(
  'the number %s is carried',
  async (number) => expect((await send(`{"id":${number}}`)).status).toBe(202),
);

test('the Idempotency-Key header is taken literally: quotes belong to the key', async () => {
  const good = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
  const keyed = (key: string) =>
    api.request('POST', '/v1/notifications', good, { headers: { 'Idempotency-Key': key } });
  const [quoted, plain, again] = [await keyed('"k-1"'), await keyed('k-1'), await keyed('"k-1"')];
  expect([quoted.status, quoted.body.idempotency_key]).toEqual([202, '"k-1"']);
  expect(plain.body.id).not.toBe(quoted.body.id);
  expect([again.body.id, again.headers.get('idempotent-replayed')]).toEqual([quoted.body.id, 'true']);
});

describe('a text that PostgreSQL cannot store', () => {
  test.each(['%00', 'a%00b', '%ff', 'caf%e9', '%ed%a0%80', '%', '%zz', '%c0%af'])(
    'is answered 404 in a path: %s',
    async (text) => {
      for (const path of [
        `/v1/receipts/resend/${text}`,
        `/v1/unsubscribe/${text}`,
        `/v1/recipients/${text}`,
      ]) {
        const { status, body } = await api.request('POST', path, undefined, { key: null });
        expect([path, status, body.code]).toEqual([path, 404, 'not_found']);
      }
      expect((await api.request('GET', `/v1/recipients/${text}`)).status).toBe(404);
      expect((await api.request('PUT', `/v1/templates/${text}`, {})).status).toBe(404);
    },
  );

  test.each([
    ['category=%00', 'category', 'U+0000'],
    ['recipient_id=a%00', 'recipient_id', 'U+0000'],
    ['recipient_id=%ff', 'recipient_id', 'UTF-8'],
    ['cursor=%ed%a0%80', 'cursor', 'UTF-8'],
    ['limit=1&limit=2', 'limit', 'more than once'],
    ['limt=1', 'limt', 'no query parameter "limt"'],
    ['%6cimt=1', 'limt', 'limit'],
  ])('is refused in a query, as unknown and repeated parameters are: %s', async (query, path, words) => {
    const { status, body } = await api.request('GET', `/v1/notifications?${query}`);
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'invalid_request', path]);
    expect(body.errors[0].message).toContain(words);
  });

  test('nor does a route without parameters ignore one', async () => {
    const { status, body } = await api.request('DELETE', '/v1/categories/x?dry_run=true');
    expect([status, body.errors[0].path]).toEqual([422, 'dry_run']);
    expect(body.errors[0].message).toContain('has none');
  });

  test('leaves nothing in the log', () => expect(api.logged).toEqual([]));
});

test('receipts of an account that cannot exist are 404 without a query', async () => {
  for (const account of ['A', 'a b', 'x'.repeat(64), '-a', 'a.b']) {
    const path = `/v1/receipts/resend/${encodeURIComponent(account)}`;
    expect((await api.request('POST', path, '{}', { key: null })).status).toBe(404);
  }
});

test('every answer forbids sniffing, and only documentation may be cached', async () => {
  for (const path of [
    '/healthz',
    '/v1/notifications',
    '/v1/nothing',
    '/docs',
    '/docs/swagger-ui.css',
    '/metrics',
  ]) {
    const { headers } = await api.request('GET', path);
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    expect([path, headers.get('cache-control')]).toEqual([
      path,
      path.endsWith('.css') ? 'public, max-age=86400' : 'no-store',
    ]);
  }
  const accepted = await send('{"id":1}');
  expect(accepted.headers.get('x-content-type-options')).toBe('nosniff');
});
