import { createLog } from '@carillon/core/log';
import { type Database, openDatabase } from '@carillon/db/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import type { Caller } from '../deps.ts';
import { createMetrics } from '../metrics.ts';
import { createAccept } from './accept.ts';
import { prepare } from './prepare.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase();
  // One connection a pool, so that what it has counted for the statistics can be asked for.
  db = openDatabase({ url: database.url, name: 'look-ups', connections: 1 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a recipient among many is looked up, however few there were when the API first looked', async () => {
  const appId = await insertApp(db.sql);
  const accept = createAccept({
    db,
    waker: { wake: () => {} },
    metrics: createMetrics(),
    log: createLog('api', 'error'),
  });
  const caller: Caller = { keyId: 'k', appId, environment: 'test', scopes: [], ratePerSecond: 1 };
  const send = () => {
    const body = {
      channel: 'email',
      to: { recipient_id: 'person 1700' },
      content: { subject: 'Hello', text: 'Hello' },
    };
    return accept([prepare(body, caller)]);
  };
  await db.sql`analyze recipients, contact_points`;
  // More often than PostgreSQL makes plans for parameters before it keeps one.
  for (let n = 0; n < 10; n++) await send();
  await db.sql`
    with people as (
      insert into recipients (app_id, environment, id)
      select ${appId}, 'test', 'person ' || n from generate_series(1, 2000) n
      returning *
    )
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    select app_id, environment, id, 'email', 'ok@example.test' from people`;
  const before = await peopleRead();
  expect(await send()).toEqual([expect.objectContaining({ replayed: false })]);
  expect((await peopleRead()) - before).toBeLessThan(10);
});

async function peopleRead(): Promise<number> {
  for (const sql of [db.sql, db.kept]) await sql`select pg_stat_force_next_flush()`;
  const [row] = await db.sql<[{ read: number }]>`
    select sum(idx_tup_read)::int as read from pg_stat_user_indexes
    where relname in ('recipients', 'contact_points')`;
  return row.read;
}
