import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { openDatabase } from '@carillon/db/connection/client';
import { putProviderAccount } from '@carillon/services/provider-accounts/put';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCampaign, insertTemplate } from '../../../../test/support/campaign-rows.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { workerProcess } from '../../../../test/support/worker-process.ts';
import { freePort } from '../../../local/src/ports.ts';
import { type LocalRedis, startRedis } from '../../../local/src/redis.ts';
import { findRedis } from '../../../local/src/redis-binary.ts';
import { runAdmin } from '../run-admin.ts';
import type { Finding } from './finding.ts';

const KEYS = `k1:${randomBytes(32).toString('base64')}`;
let database: TestDatabase;
let db: ReturnType<typeof openDatabase>;
/** A separate server, because its settings are changed here. */
let redis: LocalRedis;
let dir: string;
/** The server at PUBLIC_BASE_URL, which is also the provider of an account. */
const answers = { status: 200, body: '{"status":"ok"}' };
const server = createServer((_, response) => {
  response.writeHead(answers.status, { 'content-type': 'application/json' }).end(answers.body);
});
let base: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-doctor-'));
  redis = await startRedis({
    binary: findRedis(
      path.join(import.meta.dirname, '../../../../node_modules/.cache/carillon'),
      console.log,
    ),
    dir: path.join(dir, 'redis'),
    port: await freePort(),
    logFile: path.join(dir, 'redis.log'),
  });
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'doctor-under-test', connections: 1 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await db.close();
  await database.drop();
  server.closeAllConnections();
  server.close();
  await redis.stop();
  rmSync(dir, { recursive: true });
});

async function doctor(line: string[] = [], change: Record<string, string | undefined> = {}) {
  let out = '';
  const env = {
    NODE_ENV: 'production',
    PRODUCTION_ALLOWS: 'http-public-url,no-redis-password,private-webhooks',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    ENCRYPTION_KEYS: KEYS,
    PUBLIC_BASE_URL: base,
    DASHBOARD_URL: 'http://127.0.0.1:1',
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    ...change,
  };
  const code = await runAdmin(['doctor', '--json', ...line], {
    out: (text) => {
      out += text;
    },
    err: () => {},
    stdin: (async function* () {})(),
    isInteractive: true,
    env,
    actor: 'carillon-admin (ops@test-host)',
  });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return {
    code,
    out,
    level: (check: string) => findings.find((each) => each.check === check)?.level,
    of: (check: string) => findings.find((each) => each.check === check)!,
    findings,
  };
}

describe('doctor', () => {
  test('of an installation without keys and staff has warnings, each with its remedy', async () => {
    const { code, level, findings } = await doctor();
    expect(code).toBe(1);
    for (const check of ['api keys', 'staff', 'provider accounts'])
      expect([check, level(check)]).toEqual([check, 'warning']);
    for (const check of [
      'postgres version',
      'postgres writes',
      'migrations',
      'postgres clock',
      'redis version',
      'redis maxmemory-policy',
      'redis writes',
      'redis clock',
      'public url',
    ])
      expect([check, level(check)]).toEqual([check, 'ok']);
    for (const finding of findings) expect(finding.remedy === null).toBe(finding.level === 'ok');
  });

  test('verifies every enabled account, and refused credentials are an error', async () => {
    const ring = parseKeyRing(KEYS);
    if ('problem' in ring) throw new Error(ring.problem);
    const words = {
      provider: 'resend',
      environments: ['live'],
      from: 'a@acme.example',
      base_url: base,
      credentials: { api_key: 're_hidden_1' },
    };
    await putProviderAccount(
      { db: db.sql, actor: 'test' },
      { id: 'mail', words, enabled: true, ring, replace: false },
    );
    Object.assign(answers, {
      status: 401,
      body: '{"statusCode":401,"name":"restricted","message":"API key is invalid"}',
    });
    const { code, level, out } = await doctor();
    expect([code, level('provider mail'), level('public url')]).toEqual([2, 'error', 'error']);
    expect(out).not.toContain('re_hidden_1');
    Object.assign(answers, { status: 200, body: '{"status":"ok","data":[]}' });
    expect((await doctor()).level('provider mail')).toBe('ok');
    expect((await doctor([], { WEBHOOKS_ALLOW_PRIVATE: undefined })).of('provider mail')).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('is not asked'),
    });
    expect((await doctor(['--skip-providers'])).level('provider mail')).toBeUndefined();
    const otherKeys = { ENCRYPTION_KEYS: `k2:${randomBytes(32).toString('base64')}` };
    expect((await doctor([], otherKeys)).of('provider mail')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('k1'),
    });
  });

  test('counts the connections that the processes need against those of the server', async () => {
    const { of } = await doctor();
    expect(of('postgres connections').message).toContain('1 api x 18, 3 worker x 17, 1 dashboard x 12');
    expect((await doctor(['--processes', 'api=200'])).level('postgres connections')).toBe('error');
    const more = await doctor([], { API_DATABASE_CONNECTIONS: '100' });
    expect(more.of('postgres connections').message).toContain('1 api x 110');
  });

  test('warns of campaigns while no worker that is connected runs them', async () => {
    expect((await doctor()).level('campaigns')).toBeUndefined();
    const appId = await insertApp(db.sql);
    const templateIds = [await insertTemplate(db.sql, appId)];
    const startsAt = new Date(Date.now() + 3_600_000);
    await insertCampaign(db.sql, { appId, templateIds, startsAt });
    const draft = await insertCampaign(db.sql, { appId, templateIds, startsAt });
    await db.sql`update campaigns set state = 'draft' where id = ${draft}`;
    const start = (roles: string) =>
      workerProcess({ databaseUrl: database.url, redisUrl: redis.url, namespace: 'doctor' }, [], [], {
        WORKER_ROLES: roles,
      });
    const other = await start('deliver:normal,maintenance');
    try {
      const { of } = await doctor();
      expect(of('campaigns')).toMatchObject({
        level: 'warning',
        message: expect.stringContaining('1 scheduled, running or paused and 1 draft, and no worker'),
        remedy: expect.stringContaining('WORKER_ROLES'),
      });
      const worker = await start('campaigns');
      expect((await doctor()).of('campaigns')).toMatchObject({ level: 'ok', remedy: null });
      await worker.stop();
      // PostgreSQL forgets a session a moment after its process has ended.
      await until('the doctor to warn again', async () => (await doctor()).level('campaigns') === 'warning');
    } finally {
      await other.stop();
    }
    await db.sql`update campaigns set state = 'done'`;
    expect((await doctor()).level('campaigns')).toBeUndefined();
    // Two processes come up, each of which takes long on a busy machine.
  }, 120_000);

  test('names the migrations that a database lacks', async () => {
    const [row] = await db.sql`
      delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations) returning *`;
    const { code, of } = await doctor();
    expect([code, of('migrations').level]).toEqual([2, 'error']);
    expect(of('migrations').message).toMatch(/1 that this release needs are missing: \d{4}_/);
    expect(of('migrations').remedy).toContain('db/migrate.ts');
    await db.sql`insert into drizzle.__drizzle_migrations ${db.sql(row!, 'id', 'hash', 'created_at')}`;
    expect((await doctor()).level('migrations')).toBe('ok');
  });

  test('reports what does not answer, and still checks the rest', async () => {
    const away = await doctor([], {
      DATABASE_URL: new URL('postgres://a:4f0c9e1b7d2a4f0c9e1b7d2a@127.0.0.1:1/c').href,
      REDIS_URL: 'redis://127.0.0.1:1',
      PUBLIC_BASE_URL: 'http://127.0.0.1:1',
    });
    expect(away.code).toBe(2);
    expect([away.level('postgres'), away.level('redis'), away.level('public url')]).toEqual([
      'error',
      'error',
      'warning',
    ]);
    expect(away.out).not.toContain('4f0c9e1b7d2a');
    const unset = await doctor([], { DATABASE_URL: undefined });
    expect([unset.code, unset.level('postgres'), unset.level('redis version')]).toEqual([2, 'error', 'ok']);
  });

  test('a Redis that evicts, and one that keeps nothing, are found', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'volatile-lru');
    await client.config('SET', 'appendonly', 'no');
    client.disconnect();
    const { level } = await doctor();
    expect([level('redis maxmemory-policy'), level('redis persistence')]).toEqual(['error', 'warning']);
  });
});
