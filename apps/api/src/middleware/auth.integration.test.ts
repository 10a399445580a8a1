import { createApiKey, formatApiKey } from '@carillon/core/api-key';
import { openDatabase } from '@carillon/db/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { until } from '../../../../test/support/until.ts';
import { createKeyCache } from './key-cache.ts';

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
const send = (key: string | null, headers: Record<string, string> = {}) =>
  api.request('POST', '/v1/notifications', good, { key, headers });

describe('a request is refused with 401 if its key', () => {
  test('is missing, and is told how to send one', async () => {
    const { status, headers, body } = await send(null);
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body.detail).toContain('Authorization: Bearer cln_');
  });

  test.each([
    ['is in another scheme', 'Basic YTpi'],
    ['is no key', 'Bearer hello'],
    ['is unknown', `Bearer ${createApiKey('live').text}`],
  ])('%s', async (_, authorization) => {
    expect((await send(null, { authorization })).status).toBe(401);
  });

  test('has a typing error', async () => {
    const key = await api.key();
    const last = key.endsWith('0') ? '1' : '0';
    expect((await send(key.slice(0, -1) + last)).status).toBe(401);
  });

  test('has the right id and another secret', async () => {
    const key = await api.key();
    const forged = createApiKey('live');
    expect((await send(formatApiKey('live', key.split('_')[2]!, forged.secret))).status).toBe(401);
  });

  test('claims the other environment', async () => {
    const [, , id, secret] = (await api.key({ environment: 'test' })).split('_');
    expect((await send(formatApiKey('live', id!, secret!))).status).toBe(401);
  });

  test('has expired or was revoked, and is told so', async () => {
    const past = new Date(Date.now() - 1_000);
    expect((await send(await api.key({ expiresAt: past }))).body.detail).toContain('expired');
    expect((await send(await api.key({ revokedAt: past }))).body.detail).toContain('revoked');
  });
});

describe('scopes', () => {
  test('decide what a key may do; the refusal names the missing one', async () => {
    const reader = await api.key({ scopes: ['notifications:read'] });
    const { status, body } = await send(reader);
    expect([status, body.code]).toEqual([403, 'forbidden']);
    expect(body.detail).toContain('needs notifications:write');
    expect(body.detail).toContain('notifications:read');
    const batch = await api.request(
      'POST',
      '/v1/notifications/batch',
      { notifications: [good] },
      { key: reader },
    );
    expect(batch.status).toBe(403);
  });

  test('let in who holds the one, or admin', async () => {
    expect((await send(await api.key({ scopes: ['notifications:write'] }))).status).toBe(202);
    expect((await send(await api.key({ scopes: ['admin'] }))).status).toBe(202);
  });
});

test('a key writes into its own environment', async () => {
  const { body } = await send(await api.key({ environment: 'test' }));
  const [row] = await api.db.sql`select environment from notifications where id = ${body.id}`;
  expect(row!.environment).toBe('test');
});

test('the use of a key is noted in the background', async () => {
  const key = await api.key();
  await send(key);
  const lastUsed = await until('last_used_at', async () => {
    const [row] = await api.db.sql`select last_used_at from api_keys where id = ${key.split('_')[2]!}`;
    return row!.last_used_at as Date | null;
  });
  await send(key);
  const [row] = await api.db.sql`select last_used_at from api_keys where id = ${key.split('_')[2]!}`;
  expect(row!.last_used_at).toEqual(lastUsed);
});

test('a busy key costs one look-up in 5 seconds, and a revoked one stops working after that', async () => {
  const db = openDatabase({ url: database.url, name: 'key-cache', connections: 1 });
  let queries = 0;
  const counted = new Proxy(db.sql, {
    apply: (target, self, args) => {
      queries++;
      return Reflect.apply(target, self, args);
    },
  });
  const id = (await api.key()).split('_')[2]!;
  const cache = createKeyCache(counted);
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await Promise.all(Array.from({ length: 20 }, () => cache.find(id)));
    for (let n = 0; n < 100; n++) expect(cache.find(id)).not.toBeInstanceOf(Promise);
    expect(queries).toBe(1);
    await api.db.sql`update api_keys set revoked_at = now() where id = ${id}`;
    vi.setSystemTime(Date.now() + 5_001);
    expect(await cache.find(id)).toMatchObject({ revokedAt: expect.any(Date) });
    expect(queries).toBe(2);
  } finally {
    vi.useRealTimers();
    await db.close();
  }
});
