import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';

let database: TestDatabase;
let proxy: TcpProxy;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await tcpProxy(Number(url.port));
  url.port = String(proxy.port);
  api = await apiUnderTest(url.href, { seedUrl: database.url, deadlineMs: 500 });
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await api.close();
  await proxy.close();
  await database.drop();
});

const good = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const send = (key = randomUUID()) =>
  api.request('POST', '/v1/notifications', good, { headers: { 'Idempotency-Key': key } });
const batch = () => api.request('POST', '/v1/notifications/batch', { notifications: [good, good] });
const works = () =>
  until('accepts to work again', async () => (await send()).status === 202, { timeoutMs: 30_000 });

describe.each([
  ['refuses connections', () => proxy.cut()],
  ['hangs', async () => proxy.freeze()],
])('while PostgreSQL %s', (_, breakIt) => {
  test('sends and batches are 503 with Retry-After, and work again after recovery', async () => {
    await works();
    await breakIt();
    for (const answer of [await send(), await batch()]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.body.detail).toContain('same Idempotency-Key');
    }
    const other = await api.request('GET', '/readyz');
    expect([other.status, other.body.postgres]).toEqual([503, 'down']);
    await proxy.restore();
    await works();
    await until('readiness', async () => (await api.request('GET', '/readyz')).status === 200);
  });
});

test('what was answered 202 before, during and after an outage is stored, each key once', async () => {
  await works();
  const accepted = new Set<string>();
  let stop = false;
  const sender = async (): Promise<void> => {
    let key = randomUUID();
    while (!stop) {
      const { status, body } = await send(key);
      if (status === 202) {
        accepted.add(body.id);
        key = randomUUID();
      } else expect(status).toBe(503);
    }
  };
  const senders = Array.from({ length: 8 }, sender);
  await until('some accepts', () => accepted.size > 50);
  await proxy.cut();
  const during = accepted.size;
  await until('refusals', async () => (await send()).status === 503);
  await proxy.restore();
  await until('accepts after the outage', () => accepted.size > during + 50, { timeoutMs: 30_000 });
  stop = true;
  await Promise.all(senders);
  const [row] = await api.db
    .sql`select count(*)::int as n from notifications where id = any (${[...accepted]}::uuid[])`;
  expect(row!.n).toBe(accepted.size);
});
