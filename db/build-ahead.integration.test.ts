import path from 'node:path';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../test/support/database.ts';
import { buildIndexesAhead } from './build-ahead.ts';
import { migrate } from './migrate.ts';
import { readMigrations } from './pending-migrations.ts';

const FIND_MESSAGES = readMigrations(path.join(import.meta.dirname, 'migrations')).find(
  ({ name }) => name === '0016_find_messages',
)!;
const BUILT = [
  'notifications_by_email',
  'notifications_by_phone',
  'notifications_by_push',
  'contact_points_by_email',
  'recipients_by_id',
];

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** As a database of the release before 0016 is. */
async function before(): Promise<void> {
  for (const name of BUILT) await sql.unsafe(`drop index if exists ${name}`);
  // 0017 and whatever is added after it.
  await sql`alter table notifications drop column if exists traceparent`;
  await sql`delete from drizzle.__drizzle_migrations where created_at >= 1795801360000`;
}

const areValid = async () => {
  const rows = await sql<{ name: string }[]>`
    select indexrelid::regclass::text as name from pg_index
    where indisvalid and indexrelid::regclass::text = any (${BUILT})`;
  return rows.map(({ name }) => name).toSorted();
};

test('indexes of a migration are built beforehand, while a writer holds a row of the table', async () => {
  await before();
  const writer = postgres(database.url, { max: 1 });
  const [app] = await sql<[{ id: string }]>`insert into apps (name) values ('App') returning id`;
  const built = buildIndexesAhead(sql, FIND_MESSAGES);
  // Accepted meanwhile: under the lock of a plain "create index" this would wait for its end.
  await writer`
    insert into recipients (app_id, environment, id) values (${app.id}, 'live', 'ada')`;
  expect(await built).toEqual(BUILT);
  expect(await areValid()).toEqual(BUILT.toSorted());
  await writer.end();
});

test('the migration then finds them, and has nothing left to build', async () => {
  await migrate(database.url);
  expect(await areValid()).toEqual(BUILT.toSorted());
  expect(await buildIndexesAhead(sql, FIND_MESSAGES)).toEqual([]);
});

test('what an interrupted build left behind is built again', async () => {
  await before();
  await buildIndexesAhead(sql, FIND_MESSAGES);
  await sql`update pg_index set indisvalid = false where indexrelid = 'recipients_by_id'::regclass`;
  expect(await buildIndexesAhead(sql, FIND_MESSAGES)).toEqual(['recipients_by_id']);
  expect(await areValid()).toEqual(BUILT.toSorted());
});

test('several processes that migrate at once take turns', async () => {
  await before();
  await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
  expect(await areValid()).toEqual(BUILT.toSorted());
});
