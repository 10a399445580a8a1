import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type TestRedis, testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';

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

async function started(redisUrl: string) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      NAMESPACE: redis.namespace,
      DASHBOARD_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const exit = once(child, 'exit').then(([code]) => code as number);
  const url = await until('the dashboard to listen', () => /"url":"([^"]+)"/.exec(output)?.[1], {
    timeoutMs: 20_000,
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
