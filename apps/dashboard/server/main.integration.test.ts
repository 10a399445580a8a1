import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type TestRedis, testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import { FAST_START } from '../../local/src/fast-start.ts';

let database: TestDatabase;
let redis: TestRedis;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await redis.clean();
  await database.drop();
});

async function started(redisUrl: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [...FAST_START.args, path.join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env.PATH,
      ...FAST_START.env,
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      NAMESPACE: redis.namespace,
      DASHBOARD_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const exit = once(child, 'exit').then(([code]) => code as number);
  const url = await until('the dashboard to listen', () => /"url":"([^"]+)"/.exec(output)?.[1], {
    timeoutMs: 60_000,
  });
  return { child, url, exit };
}

test.each([
  ['Redis there', () => redis.url],
  ['Redis away', () => 'redis://127.0.0.1:1'],
])('on SIGTERM ends with 0, although a browser keeps its connection open (%s)', async (_, redisUrl) => {
  const { child, url, exit } = await started(redisUrl());
  const request = http.get(`${url}/healthz`, { agent: new http.Agent({ keepAlive: true }) });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  await answer.toArray();
  expect(answer.statusCode).toBe(200);
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});

/** A failed login with a new account, as a local proxy would forward it. */
let accounts = 0;
const wrongLogin = async (url: string, forwardedFor: string) => {
  const body = JSON.stringify({ email: `a${accounts++}@acme.example`, password: 'wrong' });
  const headers = { origin: url, 'content-type': 'application/json', 'x-forwarded-for': forwardedFor };
  return (await fetch(`${url}/auth/sign-in/email`, { method: 'POST', body, headers })).status;
};
/** Free failures of one address. */
const FREE = 20;

test('behind a trusted proxy failed logins count for the real client address, regardless of forged headers, and for no other', async () => {
  const { url } = await started(redis.url, { TRUSTED_PROXIES: '127.0.0.1' });
  for (let n = 0; n < FREE; n++) expect(await wrongLogin(url, `203.0.113.${n}, 198.51.100.1`)).toBe(401);
  const statuses: number[] = [];
  for (let n = 0; n < 3; n++) statuses.push(await wrongLogin(url, '203.0.113.99, 198.51.100.1'));
  expect(statuses).toContain(429);
  expect(await wrongLogin(url, '198.51.100.2')).toBe(401);
});
