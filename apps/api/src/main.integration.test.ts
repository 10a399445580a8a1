import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { createApiKey } from '@carillon/core/api-key';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

interface Running {
  child: ChildProcess;
  output: () => string;
  exit: Promise<number>;
}

function run(env: Record<string, string>): Running {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
  return { child, output: () => output, exit: once(child, 'exit').then(([code]) => code as number) };
}

async function started(running: Running): Promise<string> {
  return until('the API to listen', () => /"url":"([^"]+)"/.exec(running.output())?.[1], {
    timeoutMs: 20_000,
  });
}

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
  expect(ready).toEqual({ status: 'ready', postgres: 'ok', redis: 'ok', draining: false });
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

test('on SIGTERM is not ready at once, still answers while it drains, and ends with 0', async () => {
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

test('a request in hand when SIGTERM comes is stored and answered, and its connection is closed after it', async () => {
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

test('accepts and reports ready while Redis is away', async () => {
  const url = await started(run({ ...settings(), REDIS_URL: 'redis://127.0.0.1:1' }));
  const response = await fetch(`${url}/readyz`);
  expect([response.status, ((await response.json()) as { redis: string }).redis]).toEqual([200, 'down']);
});

test('refuses to start with wrong settings and names them all', async () => {
  const running = run({ API_PORT: 'x', REDIS_URL: 'http://x', METRICS_TOKEN: 'short' });
  expect(await running.exit).toBe(1);
  for (const name of ['API_PORT', 'REDIS_URL', 'METRICS_TOKEN', 'DATABASE_URL']) {
    expect(running.output()).toContain(`- ${name}`);
  }
  expect(running.output()).not.toContain('short');
});

test('in production keeps metrics to those who hold the token', async () => {
  const ENCRYPTION_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
  const PUBLIC_BASE_URL = 'https://api.example.com/';
  const env = { ...settings(), NODE_ENV: 'production', PUBLIC_BASE_URL, ENCRYPTION_KEYS };
  const url = await started(run({ ...env, METRICS_TOKEN: 'a-token-of-enough-characters' }));
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const ok = await fetch(`${url}/metrics`, {
    headers: { authorization: 'Bearer a-token-of-enough-characters' },
  });
  expect(ok.status).toBe(200);
});
