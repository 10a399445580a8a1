import { readFileSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyDatabase, type TestDatabase } from '../../test/support/database.ts';
import { dumpSchema } from '../dump-schema.ts';
import { migrate } from '../migrate.ts';
import { missingMigrations, REQUIRED_MIGRATIONS } from '../required-migrations.ts';
import { applyMigrations } from './apply-migrations.ts';

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await emptyDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test('the schema of an older release, brought to the newest in the same transaction, is that of the migrations', async () => {
  const older = 12;
  await sql.begin(async (tx) => {
    await applyMigrations(tx, 0, older);
    expect(await missingMigrations(tx)).toEqual(REQUIRED_MIGRATIONS.slice(older));
    await applyMigrations(tx, older, REQUIRED_MIGRATIONS.length);
  });
  expect(await missingMigrations(sql)).toEqual([]);
  // The records are Drizzle's own: it finds nothing left to do.
  await expect(migrate(database.url)).resolves.toBeUndefined();
  const golden = readFileSync(path.join(import.meta.dirname, '../schema.sql'), 'utf8');
  expect(await dumpSchema(sql)).toBe(golden);
});
