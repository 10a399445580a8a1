import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification } from '../../test/support/rows.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { listDoubts } from './list-doubts.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test', connections: 1 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a short list holds those that wait for a person before older ones that settle automatically', async () => {
  const appId = await insertApp(db.sql);
  const soon = new Date(Date.now() + 60_000);
  const doubt = (nextAttemptAt: Date | null) =>
    insertNotification(db.sql, { appId, state: 'in_doubt', nextAttemptAt });
  const byItself = await doubt(soon);
  const held = [await doubt(null), await doubt(null)];
  await insertNotification(db.sql, { appId, state: 'dead' });

  const ids = async (limit: number) => (await listDoubts(db.sql, limit)).map(({ id }) => id);
  expect(await ids(1)).toEqual([held[0]]);
  expect(await ids(2)).toEqual(held);
  expect(await ids(10)).toEqual([...held, byItself]);
});
