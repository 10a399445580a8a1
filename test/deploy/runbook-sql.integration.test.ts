import { globSync } from 'node:fs';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fencedBlocks, page } from '../docs/pages.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { ROOT } from './alert-rules.ts';

/** The statements of the runbooks, against the schema as it is. */
const statements = globSync('docs/runbooks/*.md', { cwd: ROOT })
  .sort()
  .flatMap((file) => fencedBlocks(page(file)).map((block) => ({ file, ...block })))
  .filter(({ language }) => language === 'sql');

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, connection: { default_transaction_read_only: true } });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

test('there are some', () => {
  expect(statements.length).toBeGreaterThan(10);
});

test.each(statements)('$file, line $line: runs where nothing may be written', async ({ text }) => {
  await expect(sql.unsafe(text)).resolves.toBeDefined();
});
