import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type Database, openDatabase } from './client.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'arrays', connections: 1 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('arrays travel to PostgreSQL and back', async () => {
  const given = {
    texts: ['a', 'b "c" \\ {d},', '', 'NULL', null],
    ids: ['49a3999c-0ce1-4ea6-ab68-afcd6dc2e794'],
    numbers: [1, -2],
    nothing: [],
  };
  const [row] = await db.sql`
    select ${given.texts}::text[] as texts, ${given.ids}::uuid[] as ids, ${given.numbers}::int[] as numbers,
      ${given.nothing}::text[] as nothing`;
  expect(row).toEqual(given);
});

test('elements of an array are read by their type', async () => {
  const [row] = await db.sql`
    select array[true, null] as flags, array['2026-11-21T08:00:00.123Z'::timestamptz] as times,
      array['\\x005cff'::bytea] as bytes, array['{"a": [1]}'::jsonb] as objects, array[array[1, 2], array[3, 4]] as matrix,
      array(select 1 where false) as nothing, null::text[] as missing`;
  expect(row).toEqual({
    flags: [true, null],
    times: [new Date('2026-11-21T08:00:00.123Z')],
    bytes: [Buffer.from([0, 92, 255])],
    objects: [{ a: [1] }],
    matrix: [
      [1, 2],
      [3, 4],
    ],
    nothing: [],
    missing: null,
  });
});
