import { createOutageReport } from '@carillon/core/program/outage-report';
import { serverLooks } from '@carillon/core/program/server-looks';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { databaseReadiness } from '@carillon/db/readiness';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import { startHealth } from '../health.ts';
import { type ReadinessWatch, watchReadiness } from '../readiness.ts';
import { database as watchDatabase } from './database.ts';

/** A worker detects automatically whether it can write to PostgreSQL, and its /readyz reports it. */
let own: TestDatabase;
let line: TcpProxy;
let db: Database;
let health: Awaited<ReturnType<typeof startHealth>>;
let readiness: ReadinessWatch;

beforeEach(async () => {
  own = await testDatabase();
  const url = new URL(own.url);
  line = await tcpProxy(Number(url.port), url.hostname);
  url.hostname = '127.0.0.1';
  url.port = String(line.port);
  db = openDatabase({ url: url.href, name: 'watched', connections: 2 });
  health = await startHealth({
    host: '127.0.0.1',
    port: 0,
    access: { NODE_ENV: 'test', METRICS_TOKEN: undefined },
  });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  readiness = watchReadiness({
    servers: serverLooks({
      database: databaseReadiness(db, { url: url.href, pooler: null }),
      redis: null,
      report: createOutageReport(log),
    }),
    log,
  });
  readiness.started([{ adapter: { channel: 'email' } }] as never, () => false);
  health.readyBy(() => readiness.look(1_000));
});
afterEach(async () => {
  await line.restore();
  await health.stop();
  await db.close();
  await line.close();
  await own.drop();
});

const looks = () =>
  watchDatabase(readiness)
    .runOnce()
    .catch((error: Error) => error.message);
async function ready(): Promise<[number, string, string]> {
  const response = await fetch(`${health.url}/readyz`);
  const { status, postgres } = (await response.json()) as { status: string; postgres: string };
  return [response.status, status, postgres];
}
const healthz = async () => (await fetch(`${health.url}/healthz`)).status;

test('a worker that can write is ready, and its watch finds nothing', async () => {
  expect(await looks()).toBe(0);
  expect(await ready()).toEqual([200, 'ready', 'ok']);
});

test('a worker whose PostgreSQL is read-only is not ready but lives on, and is ready again afterwards', async () => {
  const name = new URL(own.url).pathname.slice(1);
  const admin = openDatabase({ url: own.url, name: 'admin', connections: 1 });
  await admin.sql.unsafe(`alter database ${name} set default_transaction_read_only = on`);
  await line.cut();
  await line.restore();
  await until('the watch to see it', async () => /sessions are read-only/.test(String(await looks())));
  expect(await ready()).toEqual([503, 'not_ready', 'read_only']);
  expect(await healthz()).toBe(200);
  await admin.sql.begin('read write', (tx) =>
    tx.unsafe(`alter database ${name} reset default_transaction_read_only`),
  );
  await admin.close();
  await until('sessions that write', async () => (await looks()) === 0);
  expect((await ready())[0]).toBe(200);
});

test('a worker whose PostgreSQL is silent is not ready, and its watch reports it', async () => {
  expect(await looks()).toBe(0);
  line.freeze();
  expect(await ready()).toEqual([503, 'not_ready', 'down']);
  expect(await looks()).toBe('PostgreSQL cannot be used');
});
