import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyDatabase, type TestDatabase } from '../support/database.ts';
import { openEvents } from '../support/event-stream.ts';
import { findPooler, type Pooler, startPooler } from '../support/pooler.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type TestRedis, testRedis } from '../support/redis.ts';
import { insertApp } from '../support/rows.ts';
import { until } from '../support/until.ts';

/** The programs as they run in production, all behind a PgBouncer that has far fewer connections than they open. */
const found = findPooler();
if ('missing' in found) console.warn(`without a pooler: ${found.missing}`);
const POOL_SIZE = 6;
const UP = /"url":"([^"]+)"/;

describe.skipIf('missing' in found)('behind a pooler in transaction mode', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let pooler: Pooler;
  let sql: Sql;
  let env: Record<string, string>;
  let apiUrl = '';
  const key = createApiKey('live');
  const directory = mkdtempSync(path.join(tmpdir(), 'carillon-pooled-'));
  const programs: Program[] = [];

  const start = async (script: string, more: Record<string, string>, up = UP): Promise<string> => {
    const program = startProgram(script, { ...env, ...more });
    programs.push(program);
    return program.says(up);
  };
  const call = async (method: string, where: string, body?: unknown) => {
    const answer = await fetch(`${apiUrl}${where}`, {
      method,
      headers: { authorization: `Bearer ${key.text}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };

  beforeAll(async () => {
    if ('missing' in found) return;
    database = await emptyDatabase();
    redis = testRedis();
    pooler = await startPooler(found, {
      server: database.url,
      settings: { default_pool_size: String(POOL_SIZE) },
    });
    env = {
      DATABASE_URL: pooler.through(database.url),
      DATABASE_POOLER: 'transaction',
      DATABASE_DIRECT_URL: database.url,
      REDIS_URL: redis.url,
      NAMESPACE: redis.namespace,
      WEBHOOKS_ALLOW_PRIVATE: 'true',
    };
    const migration = startProgram('db/migrate.ts', env);
    expect(await migration.exit, migration.output()).toBe(0);
    sql = postgres(database.url, {
      max: 1,
      onnotice: () => {},
      connection: { application_name: 'the test' },
    });
    const appId = await insertApp(sql);
    await sql`
      insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
      values (${key.keyId}, ${appId}, 'live', 'pooled', ${key.secretHash}, ${['admin']})`;
    apiUrl = await start('apps/api/src/main.ts', { API_PORT: '0' });
    const simulatorUrl = await start(
      'apps/simulator/src/main.ts',
      {
        SIMULATOR_PORT: '0',
        SIMULATOR_TLS_PORT: '0',
        SIMULATOR_SMTP_PORT: '0',
        SIMULATOR_DATA: path.join(directory, 'simulator'),
        SIMULATOR_RECEIPTS_URL: apiUrl,
      },
      /simulator: (\S+)/,
    );
    const file = path.join(directory, 'providers.json');
    const address = {
      httpUrl: simulatorUrl,
      tlsHost: '127.0.0.1',
      tlsPort: 1,
      caFile: '/none',
      smtpUrl: 'smtp://127.0.0.1:1',
      apiUrl,
    };
    writeFileSync(
      file,
      JSON.stringify(simulatorAccounts(address).filter(({ id }) => id === 'sendgrid' || id === 'inbox')),
    );
    await Promise.all([
      start('apps/worker/src/main.ts', { WORKER_PORT: '0', PROVIDERS_FILE: file }),
      start('apps/dashboard/server/main.ts', { DASHBOARD_PORT: '0', API_URL: apiUrl }),
    ]);
  }, 240_000);
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await sql?.end();
    await pooler?.stop();
    await redis?.clean();
    await database?.drop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  const statesOf = async (ids: readonly string[]): Promise<string[]> =>
    (await sql<{ state: string }[]>`select state from notifications where id = any (${ids}::uuid[])`).map(
      ({ state }) => state,
    );

  test('what is accepted is delivered, and receipts say so', async () => {
    const mail = (n: number) => ({
      to: { email: `ok+${n}@example.test` },
      channel: 'email',
      content: { subject: 'Hello', text: `Hello ${n}` },
    });
    const singles = await Promise.all(
      Array.from({ length: 20 }, (_, n) => call('POST', '/v1/notifications', mail(n))),
    );
    const { results } = await call('POST', '/v1/notifications/batch', {
      notifications: Array.from({ length: 60 }, (_, n) => mail(100 + n)),
    });
    const ids = [...singles, ...results].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(80);
    await until(
      'all to be delivered',
      async () => (await statesOf(ids)).every((state) => state === 'delivered'),
      {
        timeoutMs: 90_000,
        everyMs: 200,
      },
    );
  }, 120_000);

  test('tasks of a leader run: what is scheduled goes out at its time', async () => {
    const { id } = await call('POST', '/v1/notifications', {
      to: { email: 'ok+later@example.test' },
      channel: 'email',
      content: { subject: 'Later', text: 'Later' },
      send_at: new Date(Date.now() + 2_000).toISOString(),
    });
    expect(await statesOf([id])).toEqual(['scheduled']);
    await until('it to be delivered', async () => (await statesOf([id]))[0] === 'delivered', {
      timeoutMs: 60_000,
    });
  }, 90_000);

  test('a message reaches the stream of an inbox', async () => {
    await call('PUT', '/v1/recipients/ada', { email: 'ada@example.test' });
    const stream = await openEvents(`${apiUrl}/v1/recipients/ada/inbox/stream`, {
      authorization: `Bearer ${key.text}`,
    });
    expect(stream.status).toBe(200);
    await call('POST', '/v1/notifications', {
      to: { recipient_id: 'ada' },
      channel: 'in_app',
      content: { title: 'Hello', body: 'Hello there' },
    });
    await until('the message', () => stream.events.some(({ type }) => type === 'message'), {
      timeoutMs: 60_000,
    });
    await stream.close();
  }, 90_000);

  test('the server has the connections of the pooler and the one that listens, and none of the programs complains', async () => {
    const sessions = await sql<{ name: string; listens: boolean }[]>`
      select application_name as name, query ilike 'listen%' as listens from pg_stat_activity
      where datname = current_database() and application_name <> 'the test' and backend_type = 'client backend'`;
    expect(sessions.length).toBeLessThanOrEqual(POOL_SIZE + 1);
    expect(sessions.filter(({ listens }) => listens)).toHaveLength(1);
    // A busy machine may take longer than a second for the first connections.
    const complaints = programs.flatMap(
      (program) => program.output().match(/^.*"level":"(warn|error)".*$/gm) ?? [],
    );
    expect(complaints.filter((line) => line.includes('ostgre') && !line.includes('NO_ANSWER'))).toEqual([]);
  });
});
