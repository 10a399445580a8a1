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

describe('an unknown route is 404', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/v1/nothing'],
    ['POST', '/v1/nothing'],
    ['GET', '/v1/notifications/x/y/z'],
    ['GET', '/v2/notifications'],
    ['GET', '/docs/../main.ts'],
  ])('%s %s', async (method, path) => {
    const { status, headers, body } = await api.request(method, path);
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body.request_id).toBe(headers.get('x-request-id'));
  });

  test('also without a key or with an invalid body, because neither is checked for an unknown route', async () => {
    expect((await api.request('GET', '/v1/nothing', undefined, { key: null })).status).toBe(404);
    expect((await api.request('POST', '/v1/nothing', '{')).status).toBe(404);
  });
});

test('a known path with another method is 405 and names the methods it has', async () => {
  const { status, headers, body } = await api.request('DELETE', '/v1/notifications');
  expect([status, body.code]).toEqual([405, 'method_not_allowed']);
  expect(headers.get('allow')).toContain('POST');
  expect((await api.request('POST', '/healthz')).status).toBe(405);
});

describe('the request id', () => {
  test('of the caller is kept if it is valid', async () => {
    const { headers, body } = await api.request('GET', '/v1/nothing', undefined, {
      headers: { 'X-Request-Id': 'order-17.a:b_c' },
    });
    expect([headers.get('x-request-id'), body.request_id]).toEqual(['order-17.a:b_c', 'order-17.a:b_c']);
  });

  test.each(['a b', 'x'.repeat(129), '<script>'])('%s is replaced', async (given) => {
    const { headers } = await api.request('GET', '/healthz', undefined, {
      headers: { 'X-Request-Id': given },
    });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is on answers of every kind', async () => {
    for (const path of [
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/docs/swagger-ui.css',
      '/nothing',
    ]) {
      expect((await api.request('GET', path)).headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

test('an unexpected error returns only the request id to the caller and is logged in full', async () => {
  await api.db.sql`alter table notifications rename column category to categories`;
  try {
    const good = {
      to: { email: 'secret@example.com' },
      channel: 'email',
      content: { subject: 'S', text: 'T' },
    };
    const { status, body } = await api.request('POST', '/v1/notifications', good);
    expect([status, body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(body)).not.toMatch(/column|category|select/);
    expect(api.logged.join()).toContain('column');
    expect(api.logged.join()).not.toContain('secret@example.com');
  } finally {
    await api.db.sql`alter table notifications rename column categories to category`;
  }
});
