import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { createApiKey } from '@carillon/core/access/api-key';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApiProcess, apiProcess } from '../../../test/support/api-process.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type TestRedis, testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';

let database: TestDatabase;
let redis: TestRedis;
let sql: postgres.Sql;
const key = createApiKey('live');
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const [app] = await sql`insert into apps (name) values ('main') returning id`;
  await sql`insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
    values (${key.keyId}, ${app!.id}, 'live', 'main', ${key.secretHash}, ${['admin']})`;
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await sql.end();
  await redis.clean();
  await database.drop();
});

function run(env: Record<string, string>): ApiProcess {
  const running = apiProcess(env);
  children.push(running.child);
  return running;
}

const started = (running: ApiProcess): Promise<string> => running.listens();

const settings = () => ({
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  NAMESPACE: redis.namespace,
  API_PORT: '0',
});

test('answers on its port, links to itself, and reports PostgreSQL and Redis', async () => {
  const url = await started(run(settings()));
  const ready = await until('readiness with Redis', async () => {
    const body = await (await fetch(`${url}/readyz`)).json();
    return (body as { redis: string }).redis === 'ok' && body;
  });
  expect(ready).toEqual({
    status: 'ready',
    postgres: 'ok',
    redis: 'ok',
    replica: 'not_configured',
    draining: false,
    missing_migrations: [],
    problems: [],
  });
  const refused = await fetch(`${url}/v1/notifications`, { method: 'POST' });
  expect(((await refused.json()) as { type: string }).type).toBe(`${url}/docs/problems#unauthenticated`);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('carillon_api_request_seconds_bucket');
});

test('takes chunked bodies and refuses them once they are too large', async () => {
  const url = await started(run(settings()));
  const post = (chunks: string[]) =>
    fetch(`${url}/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.text}`, 'content-type': 'application/json' },
      body: ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk))),
      duplex: 'half',
    });
  const good = await post([
    '{"to":{"email":"a@example.com"},"channel":"email",',
    '"content":{"subject":"S","text":"\u00e9"}}',
  ]);
  expect(good.status).toBe(202);
  const { status } = await post(new Array(40).fill('x'.repeat(32_768)));
  expect(status).toBe(413);
});

test('on SIGTERM immediately reports not ready, still answers while it drains, and exits with 0', async () => {
  const running = run({ ...settings(), API_DRAIN_SECONDS: '1' });
  const url = await started(running);
  running.child.kill('SIGTERM');
  const draining = await until('readiness to flip', async () => {
    const response = await fetch(`${url}/readyz`);
    return response.status === 503 && response.json();
  });
  expect(draining).toMatchObject({ status: 'not_ready', postgres: 'ok', draining: true });
  const accepted = await fetch(`${url}/v1/notifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.text}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      to: { email: 'a@example.com' },
      channel: 'email',
      content: { subject: 'S', text: 'T' },
    }),
  });
  expect(accepted.status).toBe(202);
  expect(await running.exit).toBe(0);
  expect(running.output()).toContain('"message":"stopped"');
});

test('a request in progress at SIGTERM is stored and answered, and its connection is closed afterwards', async () => {
  const running = run(settings());
  const url = await started(running);
  const request = http.request(`${url}/v1/notifications`, {
    method: 'POST',
    agent: new http.Agent({ keepAlive: true }),
    headers: {
      authorization: `Bearer ${key.text}`,
      'content-type': 'application/json',
      expect: '100-continue',
    },
  });
  request.flushHeaders();
  await once(request, 'continue');
  running.child.kill('SIGTERM');
  await until('it to drain', () => running.output().includes('"message":"draining"'));
  request.end(
    JSON.stringify({
      to: { email: 'a@example.com' },
      channel: 'email',
      content: { subject: 'S', text: 'T' },
    }),
  );
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  expect([answer.statusCode, answer.headers.connection]).toEqual([202, 'close']);
  const { id } = JSON.parse((await answer.toArray()).join('')) as { id: string };
  expect(await running.exit).toBe(0);
  expect(await sql`select 1 from notifications where id = ${id}`).toHaveLength(1);
});

test('accepts and reports ready while Redis is unavailable', async () => {
  const url = await started(run({ ...settings(), REDIS_URL: 'redis://127.0.0.1:1' }));
  const response = await fetch(`${url}/readyz`);
  expect([response.status, ((await response.json()) as { redis: string }).redis]).toEqual([200, 'down']);
});

test('refuses to start with invalid settings and names them all', async () => {
  const running = run({ API_PORT: 'x', REDIS_URL: 'http://x', METRICS_TOKEN: 'short' });
  expect(await running.exit).toBe(1);
  for (const name of ['API_PORT', 'REDIS_URL', 'METRICS_TOKEN', 'DATABASE_URL']) {
    expect(running.output()).toContain(`- ${name}`);
  }
  expect(running.output()).not.toContain('short');
});

test('in production refuses guessable secrets and unencrypted URLs, all at once', async () => {
  const running = run({
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://carillon@127.0.0.1:1/carillon',
    REDIS_URL: 'redis://:redis@127.0.0.1:1',
    ENCRYPTION_KEYS: 'development:Y2FyaWxsb25jYXJpbGxvbmNhcmlsbG9uY2FyaWxsb24=',
    PUBLIC_BASE_URL: 'http://notify.acme.example',
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    METRICS_TOKEN: 'metrics-token-123',
  });
  expect(await running.exit).toBe(1);
  for (const name of [
    'DATABASE_URL has no',
    'REDIS_URL has a weak',
    'ENCRYPTION_KEYS has a key',
    'http://',
    '=true',
    'METRICS_TOKEN is',
  ])
    expect(running.output()).toContain(name);
});

test('in production serves metrics only with the token', async () => {
  const ENCRYPTION_KEYS = `k1:${randomBytes(32).toString('base64')}`;
  const PUBLIC_BASE_URL = 'https://api.example.com/';
  const PRODUCTION_ALLOWS = 'no-redis-password,no-database-password';
  const env = { ...settings(), NODE_ENV: 'production', PUBLIC_BASE_URL, ENCRYPTION_KEYS, PRODUCTION_ALLOWS };
  const url = await started(run({ ...env, METRICS_TOKEN: 'a-token-of-enough-characters' }));
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const ok = await fetch(`${url}/metrics`, {
    headers: { authorization: 'Bearer a-token-of-enough-characters' },
  });
  expect(ok.status).toBe(200);
});
