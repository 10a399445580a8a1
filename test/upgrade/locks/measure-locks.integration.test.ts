import path from 'node:path';
import { buildIndexesAhead } from '@carillon/db/build-ahead';
import { migrate } from '@carillon/db/migrate';
import { pendingMigrations } from '@carillon/db/pending-migrations';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyDatabase, type TestDatabase } from '../../support/database.ts';
import { moreMigrations } from '../../support/more-migrations.ts';
import { PREVIOUS } from '../previous-release.ts';
import { fillTables, GROWING } from './fill-tables.ts';
import { measureLocks } from './measure-locks.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../../../db/migrations');
const ROWS = 20_000;

let database: TestDatabase;
let sql: Sql;

/** As an installation of the previous release is. */
beforeAll(async () => {
  database = await emptyDatabase();
  const { folder, remove } = moreMigrations([], PREVIOUS.lastMigration);
  await migrate(database.url, { folder });
  remove();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await fillTables(sql, ROWS);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test('every table that grows has rows, or the rest would prove nothing', async () => {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class where relname = any (${[...GROWING]}) and reltuples >= ${ROWS}`;
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...GROWING].toSorted());
});

describe('what takes as long as the table is large is found:', () => {
  test.each([
    ['alter table notifications alter column category type varchar(200)', 'rewrites', ['notifications']],
    ['alter table notifications add column a uuid default gen_random_uuid()', 'rewrites', ['notifications']],
    ['alter table events alter column notification_id set not null', 'reads', ['events']],
    ['alter table recipients add constraint c check (id is not null)', 'reads', ['recipients']],
    ['alter table recipients add constraint c unique (id)', 'reads', ['recipients']],
    ['create index i on delivery_attempts (provider)', 'reads', ['delivery_attempts']],
    ["update suppressions set detail = 'x'", 'changes', []],
    ['delete from cap_uses', 'changes', []],
    // Nothing of its own takes long, but the lock of the first is held while the second works.
    [
      'alter table notifications add column a text; select count(*) from recipients',
      'reads',
      ['notifications'],
    ],
  ] as const)('%s', async (statement, what, locked) => {
    const found = await measureLocks(sql, { name: 'm', at: 1, hash: '', statements: [statement] }, false);
    expect(found).toMatchObject([{ what, locked, rows: ROWS }]);
  });
});

describe('what takes a moment however large the table is passes:', () => {
  test.each([
    'alter table notifications add column a text',
    "alter table notifications add column a jsonb not null default '{}'",
    'alter table notifications add constraint c check (tries < 100) not valid',
    'create table t (notification_id uuid not null references notifications (id))',
    'alter table events set (fillfactor = 80)',
    'select count(*) from notifications',
  ])('%s', async (statement) => {
    expect(await measureLocks(sql, { name: 'm', at: 1, hash: '', statements: [statement] }, false)).toEqual(
      [],
    );
  });
});

test('no migration since the previous release keeps anybody out of a table for as long as it is large', async () => {
  const { pending } = await pendingMigrations(sql, MIGRATIONS);
  const found = [];
  for (const migration of pending) {
    await buildIndexesAhead(sql, migration);
    found.push(...(await measureLocks(sql, migration)));
  }
  expect(found).toEqual([]);
});
