import { createLog } from '@carillon/core/program/log';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { createAccept } from '@carillon/services/notifications/accept';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import type { Caller } from '../deps.ts';
import { createMetrics } from '../metrics.ts';
import { prepare } from './prepare.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase();
  // One connection per pool, so that its statistics can be queried.
  db = openDatabase({ url: database.url, name: 'look-ups', connections: 1 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a recipient among many is found by index, even if there were few at the first look-up', async () => {
  const appId = await insertApp(db.sql);
  const accept = createAccept({
    db,
    waker: { wake: () => {} },
    metrics: createMetrics(),
    log: createLog('api', 'error'),
  });
  const caller: Caller = {
    keyId: 'k',
    holder: 'The API key k',
    actor: 'key:k',
    appId,
    environment: 'test',
    scopes: [],
    ratePerSecond: 1,
  };
  const send = () => {
    const body = {
      channel: 'email',
      to: { recipient_id: 'person 1700' },
      content: { subject: 'Hello', text: 'Hello' },
    };
    return accept([prepare(body, caller, Date.now())]);
  };
  await db.sql`analyze recipients, contact_points`;
  // More often than PostgreSQL plans with parameters before it keeps a generic plan.
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
