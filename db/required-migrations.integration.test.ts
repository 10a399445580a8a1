import { migrate } from '@carillon/db/migrate';
import { missingMigrations, REQUIRED_MIGRATIONS } from '@carillon/db/required-migrations';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../test/support/database.ts';

let database: TestDatabase;
let sql: postgres.Sql;

beforeEach(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});

test('a migrated database lacks nothing', async () => {
  expect(await missingMigrations(sql)).toEqual([]);
});

test('a database without any migration lacks all, and none after it was migrated', async () => {
  await sql`drop schema drizzle cascade`;
  await sql`drop schema public cascade`;
  await sql`create schema public`;
  expect(await missingMigrations(sql)).toEqual(REQUIRED_MIGRATIONS);
  await migrate(database.url);
  expect(await missingMigrations(sql)).toEqual([]);
});

test('migrations that are not applied are named, oldest first', async () => {
  await sql`delete from drizzle.__drizzle_migrations
    where created_at in (select created_at from drizzle.__drizzle_migrations order by created_at desc limit 2)`;
  expect(await missingMigrations(sql)).toEqual(REQUIRED_MIGRATIONS.slice(-2));
});

test('a database that a newer release has migrated is accepted', async () => {
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 9795801340000)`;
  expect(await missingMigrations(sql)).toEqual([]);
});
