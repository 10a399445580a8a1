import { createApiKey } from '@carillon/core/access/api-key';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { unsubscribeUrl } from '@carillon/core/recipient/unsubscribe-link';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const ring = parseKeyRing(KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let proxy: TcpProxy;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await tcpProxy(Number(url.port));
  url.port = String(proxy.port);
  api = await apiUnderTest(url.href, {
    seedUrl: database.url,
    env: { ENCRYPTION_KEYS: KEYS },
    deadlineMs: 700,
    requestDeadlineMs: 2_000,
    silenceMs: 4_000,
  });
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await api.close();
  await proxy.close();
  await database.drop();
});

const good = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const ID = '0b9d5cd8-5f0c-8f6e-9a55-3c7d0a9d1c11';

/** A request that reaches PostgreSQL, for each kind of route. */
const REQUESTS: readonly [method: string, path: string, body?: unknown][] = [
  ['POST', '/v1/notifications', good],
  ['POST', '/v1/notifications/batch', { notifications: [good] }],
  ['GET', '/v1/notifications'],
  ['GET', `/v1/notifications/${ID}`],
  ['POST', `/v1/notifications/${ID}/cancel`],
  ['POST', `/v1/notifications/${ID}/retry`],
  ['POST', `/v1/notifications/${ID}/reschedule`, { send_at: '2098-01-01T00:00:00Z' }],
  ['PUT', '/v1/recipients/r', { email: 'a@example.com' }],
  ['GET', '/v1/recipients/r'],
  ['DELETE', '/v1/recipients/r'],
  ['PUT', '/v1/recipients/r/preferences', {}],
  ['POST', '/v1/suppressions', { channel: 'email', address: 'a@example.com' }],
  ['GET', '/v1/suppressions'],
  ['GET', '/v1/templates'],
  ['PUT', '/v1/templates/t', { channels: { sms: { en: { text: 'T' } } } }],
  ['POST', '/v1/templates/t/preview', { channel: 'sms' }],
  ['GET', '/v1/categories'],
  ['PUT', '/v1/categories/c', { delivery_policy: 'ask' }],
  ['GET', '/v1/breakers'],
  ['GET', '/v1/provider-accounts'],
  ['POST', '/v1/provider-accounts/a/verify'],
  ['GET', '/v1/webhook-endpoints'],
  ['POST', '/v1/webhook-endpoints', { url: 'https://example.com/hook' }],
  ['GET', '/v1/api-keys'],
  ['POST', '/v1/api-keys', { environment: 'live', name: 'n', scopes: ['notifications:read'] }],
  ['POST', '/v1/api-keys/0123456789ab/rotate'],
  ['DELETE', '/v1/api-keys/0123456789ab'],
  ['GET', '/v1/audit'],
];

function assertUnavailable({ status, headers, body }: Answer, what: string): void {
  expect([what, status, body.code]).toEqual([what, 503, 'unavailable']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(body.request_id).toBe(headers.get('x-request-id'));
}

describe('while PostgreSQL is silent', () => {
  test('every route is answered 503 with Retry-After, and the answer to a write says that it may have been done', async () => {
    await api.request('GET', '/v1/categories');
    proxy.freeze();
    // More at once than there are connections: none of them waits for another.
    const answers = await Promise.all(
      REQUESTS.map(async ([method, path, body]) => ({
        what: `${method} ${path}`,
        method,
        answer: await api.request(method, path, body),
      })),
    );
    for (const { what, method, answer } of answers) {
      assertUnavailable(answer, what);
      const words = method === 'GET' ? 'Nothing was changed' : /not known|same Idempotency-Key/;
      expect(answer.body.detail).toMatch(words);
    }
  });

  test('so are the first use of a key, receipts, unsubscribe links and readiness', async () => {
    const key = await api.key();
    proxy.freeze();
    const link = unsubscribeUrl('', ring, {
      appId: api.appId,
      environment: 'live',
      category: 'news',
      recipientId: 'ada',
    });
    const stranger = { key: null };
    const [first, unknown, receipt, page, leave, ready] = await Promise.all([
      api.request('GET', '/v1/categories', undefined, { key }),
      api.request('GET', '/v1/categories', undefined, { key: createApiKey('live').text }),
      api.request('POST', '/v1/receipts/resend/some', '{}', stranger),
      api.request('GET', link, undefined, stranger),
      api.request('POST', link, undefined, stranger),
      api.request('GET', '/readyz', undefined, stranger),
    ]);
    for (const answer of [first, unknown, receipt, page, leave]) assertUnavailable(answer, 'stranger');
    expect([ready.status, ready.body.postgres]).toEqual([503, 'down']);
    expect(Number(ready.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('it is logged in one line per kind and not per request; afterwards requests work again', async () => {
    await until(
      'lists to work again',
      async () => (await api.request('GET', '/v1/categories')).status === 200,
      {
        timeoutMs: 30_000,
      },
    );
    const lines = api.logged.filter((line) => line.includes('requests are answered 503'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(8);
    expect(api.logged.filter((line) => line.includes('unexpected error'))).toEqual([]);
  });
});

test('a table that somebody locks is a 503 for every send, and at most one log line', async () => {
  api.logged.length = 0;
  const reserved = await api.db.sql.reserve();
  await reserved`begin`;
  await reserved`lock table notifications in access exclusive mode`;
  const body = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => api.request('POST', '/v1/notifications', body)),
  );
  await reserved`rollback`;
  reserved.release();
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  const lines = api.logged.filter((line) => line.includes('requests are answered 503'));
  // None, if a test before has logged the same within a minute.
  expect(lines.length).toBeLessThanOrEqual(1);
});

describe('a server that cannot store', () => {
  test.each([
    ['53100', 'disk full'],
    ['53200', 'out of memory'],
    ['53300', 'too many connections'],
    ['25006', 'read-only'],
    ['57P01', 'shutting down'],
    ['58030', 'I/O error'],
  ])('with %s (%s) is a 503 and one log line, for a batch of 200 too', async (code) => {
    await until('lists to work', async () => (await api.request('GET', '/v1/categories')).status === 200, {
      timeoutMs: 30_000,
    });
    api.logged.length = 0;
    await api.db.sql.unsafe(`
      create or replace function fail() returns trigger language plpgsql as
        $$ begin raise exception 'planted' using errcode = '${code}'; end $$;
      create or replace trigger fail before insert on notifications for each statement execute function fail();
      create or replace trigger fail before insert on categories for each statement execute function fail();`);
    try {
      assertUnavailable(await api.request('POST', '/v1/notifications', good), code);
      const batch = { notifications: Array.from({ length: 200 }, () => good) };
      assertUnavailable(await api.request('POST', '/v1/notifications/batch', batch), code);
      assertUnavailable(
        await api.request('PUT', `/v1/categories/c${code.toLowerCase()}`, { delivery_policy: 'ask' }),
        code,
      );
      expect(api.logged[0]).toContain(code);
      // A session that does not write is renewed: in addition to the line of its code its end may be logged.
      expect(api.logged.length).toBeLessThanOrEqual(code === '25006' ? 3 : 1);
    } finally {
      // Sessions that did not write are being renewed.
      const drop = 'drop trigger if exists fail on notifications; drop trigger if exists fail on categories';
      await until('the triggers to be dropped', () =>
        api.db.sql.unsafe(drop).then(
          () => true,
          () => false,
        ),
      );
    }
    await until('sends to be taken again', async () => {
      return (await api.request('POST', '/v1/notifications', good)).status === 202;
    });
  });
});
