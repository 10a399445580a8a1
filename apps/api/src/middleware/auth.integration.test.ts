import { createApiKey, formatApiKey } from '@carillon/core/access/api-key';
import { databaseClock } from '@carillon/core/program/database-clock';
import { openDatabase } from '@carillon/db/connection/client';
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

const NO_STRANGER = { before: () => {}, found: () => {} };

const good = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const send = (key: string | null, headers: Record<string, string> = {}) =>
  api.request('POST', '/v1/notifications', good, { key, headers });

describe('a request is refused with 401 if its key', () => {
  test('is missing; the answer says how to send one', async () => {
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

  test('has expired or was revoked; the answer says so', async () => {
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

  test('admit a key with the required one, or with admin', async () => {
    expect((await send(await api.key({ scopes: ['notifications:write'] }))).status).toBe(202);
    expect((await send(await api.key({ scopes: ['admin'] }))).status).toBe(202);
  });
});

test('a key writes into its own environment', async () => {
  const { body } = await send(await api.key({ environment: 'test' }));
  const [row] = await api.db.sql`select environment from notifications where id = ${body.id}`;
  expect(row!.environment).toBe('test');
});

test('the use of a key is recorded in the background', async () => {
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

describe('the cached row of a key', () => {
  /** A cache with its own clock, whose look-ups are counted and can be delayed after the query. */
  function cacheUnderTest() {
    const db = openDatabase({ url: database.url, name: 'key-cache', connections: 2 });
    let queries = 0;
    let time = 1_000_000;
    let answered: Promise<void> = Promise.resolve();
    const counted = new Proxy(db.sql, {
      apply: (target, self, args) => {
        queries++;
        const rows = Reflect.apply(target, self, args) as Promise<unknown>;
        return rows.then((read) => answered.then(() => read));
      },
    });
    return {
      cache: createKeyCache(counted, databaseClock(), 60_000, () => ({ wall: time, monotonic: time })),
      queries: () => queries,
      pass: (ms: number) => {
        time += ms;
      },
      holdAnswers: (until: Promise<void>) => {
        answered = until;
      },
      close: () => db.close(),
    };
  }
  const revoke = (id: string) => api.db.sql`update api_keys set revoked_at = now() where id = ${id}`;

  test('costs one look-up in 5 s under any load, and is never older: then a revoked key is refused', async () => {
    const { cache, queries, pass, close } = cacheUnderTest();
    const id = (await api.key()).split('_')[2]!;
    try {
      await Promise.all(Array.from({ length: 20 }, () => cache.find(id, NO_STRANGER)));
      for (let n = 0; n < 100; n++) expect(cache.find(id, NO_STRANGER)).not.toBeInstanceOf(Promise);
      expect(queries()).toBe(1);
      await revoke(id);
      pass(5_001);
      expect(await cache.find(id, NO_STRANGER)).toMatchObject({ revokedAt: expect.any(Date) });
      expect(queries()).toBe(2);
    } finally {
      await close();
    }
  });

  test('ages from the start of the look-up, not from the arrival of a slow answer', async () => {
    const { cache, pass, holdAnswers, close } = cacheUnderTest();
    const id = (await api.key()).split('_')[2]!;
    try {
      let answer = () => {};
      holdAnswers(new Promise((resolve) => (answer = resolve)));
      const slow = cache.find(id, NO_STRANGER);
      // PostgreSQL has read the row by now; its answer takes 4 s to arrive.
      await until('the row to be read', async () => {
        const [row] = await api.db.sql`
          select count(*)::int as idle from pg_stat_activity
          where application_name = 'key-cache' and state = 'idle' and query like '%from api_keys%'`;
        return row!.idle === 1;
      });
      await revoke(id);
      pass(4_000);
      answer();
      expect(await slow).toMatchObject({ revokedAt: null });
      pass(1_001);
      expect(await cache.find(id, NO_STRANGER)).toMatchObject({ revokedAt: expect.any(Date) });
    } finally {
      await close();
    }
  });

  test('expires by the clock of PostgreSQL, not by the local clock', async () => {
    const key = await api.key({ expiresAt: new Date(Date.now() + 3_600_000) });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(Date.now() + 7_200_000);
      expect((await send(key)).status).toBe(202);
    } finally {
      vi.useRealTimers();
    }
  });
});
