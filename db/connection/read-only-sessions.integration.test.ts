import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { until } from '../../test/support/until.ts';
import { type Database, openDatabase } from './client.ts';
import { sqlFailure } from './sql-state.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  db = openDatabase({ url: database.url, name: 'read-only', connections: 2 });
});
afterEach(() => db.close());

const pidOf = async (pool: Database['sql']): Promise<number> =>
  (await pool<[{ pid: number }]>`select pg_backend_pid() as pid`)[0].pid;
const write = (pool: Database['sql']) => pool`insert into apps (name) values ('a') returning id`;

test('a session that reports itself read-only is ended, also one that only reads, and a new one writes', async () => {
  const before = new Set([await pidOf(db.sql), await pidOf(db.sql), await pidOf(db.kept)]);
  // The effect of a configuration reload on existing sessions.
  await db.sql`set default_transaction_read_only = on`;
  await until('every session to be a new one', async () => {
    const now = await Promise.all([pidOf(db.sql), pidOf(db.sql), pidOf(db.kept)]);
    return now.every((pid) => !before.has(pid));
  });
  expect(await write(db.sql)).toHaveLength(1);
  expect(await db.state(5000)).toBe('ok');
});

test('a write that is refused as read-only rejects for its caller and ends its session', async () => {
  const before = await pidOf(db.sql);
  const refused = await db.sql
    .begin('read only', async (tx) => tx`insert into apps (name) values ('a')`)
    .then(
      () => 'written',
      (error: unknown) => sqlFailure(error),
    );
  expect(['read_only', 'unreachable']).toContain(refused);
  await until('the next session to write', () => write(db.sql).then((rows) => rows.length === 1));
  expect(await pidOf(db.sql)).not.toBe(before);
});

test('a fully read-only server is reported as such, still answers reads, and is not flooded with connections', async () => {
  const admin = openDatabase({ url: database.url, name: 'admin', connections: 1 });
  const name = new URL(database.url).pathname.slice(1);
  await admin.sql.unsafe(`alter database ${name} set default_transaction_read_only = on`);
  await db.close();
  db = openDatabase({ url: database.url, name: 'read-only', connections: 2 });
  expect(await db.state(5000)).toBe('read_only');
  const pids = new Set<number>();
  const until2s = performance.now() + 1500;
  let reads = 0;
  while (performance.now() < until2s) {
    await write(db.sql).catch(() => {});
    await pidOf(db.sql).then(
      (pid) => {
        reads++;
        pids.add(pid);
      },
      () => {},
    );
  }
  expect(reads).toBeGreaterThan(10);
  expect(pids.size).toBeLessThan(10);
  await admin.sql.unsafe(`alter database ${name} reset default_transaction_read_only`);
  await admin.close();
  await until('PostgreSQL to take writes again', async () => (await db.state(5000)) === 'ok', {
    timeoutMs: 20_000,
  });
});
