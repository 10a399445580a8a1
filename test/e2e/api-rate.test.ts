import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import { FAST_START } from '@carillon/local/fast-start';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type TestRedis, testRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** An API key's limit, kept by two real API processes together. */
const MAIN = path.join(import.meta.dirname, '../../apps/api/src/main.ts');
const LIMIT = 100;
let database: TestDatabase;
let redis: TestRedis;
const children: ChildProcess[] = [];
const key = createApiKey('test');

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const [app] = await sql`insert into apps (name) values ('limited') returning id`;
  await sql`
    insert into api_keys (id, app_id, environment, name, secret_hash, scopes, rate_per_second)
    values (${key.keyId}, ${app!.id}, 'test', 'limited', ${key.secretHash}, ${['admin']}, ${LIMIT})`;
  await sql.end();
});
afterAll(async () => {
  const ended = children.map((child) => child.exitCode === null && once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
  await redis.clean();
  await database.drop();
});

async function startApi(): Promise<string> {
  const child = spawn(process.execPath, [...FAST_START.args, MAIN], {
    env: {
      PATH: process.env.PATH,
      ...FAST_START.env,
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      NAMESPACE: redis.namespace,
      API_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const urlOf = () => /"url":"([^"]+)"/.exec(output)?.[1];
  await until('an API to listen', () => urlOf() ?? child.exitCode !== null, { timeoutMs: 30_000 });
  const url = urlOf();
  if (url === undefined) throw new Error(`the API ended: ${output}`);
  return url;
}

interface Asking {
  /** When each answer that was no 429 came. */
  accepted: number[];
  refused(): number;
  stop(): Promise<void>;
}

/** Asks one process as fast as six callers can. */
function ask(url: string): Asking {
  const accepted: number[] = [];
  let refused = 0;
  let asking = true;
  const caller = async (): Promise<void> => {
    while (asking) {
      const answer = await fetch(`${url}/v1/notifications?limit=1`, {
        headers: { authorization: `Bearer ${key.text}` },
      });
      await answer.arrayBuffer();
      if (answer.status === 200) accepted.push(performance.now());
      else if (answer.status === 429) refused++;
      else throw new Error(`${answer.status} of ${url}`);
    }
  };
  const callers = Promise.all(Array.from({ length: 6 }, caller));
  return {
    accepted,
    refused: () => refused,
    stop: async () => {
      asking = false;
      await callers;
    },
  };
}

const MEASURED_MS = 5000;

test('a key’s limit holds over two API processes that both get more requests', async () => {
  const urls = await Promise.all([startApi(), startApi()]);
  const asked = urls.map(ask);
  const sinceMs = (began: number) => performance.now() - began;
  const acceptedSince = (began: number) =>
    asked.flatMap(({ accepted }) => accepted).filter((at) => at >= began).length;

  // Until the processes have discovered each other, each grants the whole limit.
  await until('both to be asked for more than they give', () => asked.every(({ refused }) => refused() > 0));
  await until('them to share the limit', () => acceptedSince(performance.now() - 1000) <= LIMIT * 1.5, {
    timeoutMs: 20_000,
  });
  const began = performance.now();
  await until('the measured time to pass', () => sinceMs(began) >= MEASURED_MS, { everyMs: 50 });
  const accepted = acceptedSince(began);
  const seconds = sinceMs(began) / 1000;
  await Promise.all(asked.map(({ stop }) => stop()));

  // What rate-limit.ts states: a bucket of a second's worth may be full when the time begins.
  expect(accepted).toBeLessThanOrEqual(LIMIT * (seconds + 1));
  expect(accepted).toBeGreaterThan(LIMIT * seconds * 0.5);
  // Both got as many requests, so both admitted about as many.
  const [one, other] = asked.map((each) => each.accepted.filter((at) => at >= began).length);
  expect(Math.abs(one! - other!)).toBeLessThan(LIMIT * seconds * 0.3);
}, 60_000);
