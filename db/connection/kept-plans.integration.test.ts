import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp } from '../../test/support/rows.ts';
import { acceptNotifications, type NewNotification } from '../notifications/accept-notifications.ts';
import { type Database, openDatabase } from './client.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  // One connection a pool, so that its statistics can be read.
  db = openDatabase({ url: database.url, name: 'kept plans', connections: 1 });
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/**
 * A plan kept from when a table was empty scans it when it is large (for look-ups:
 * apps/api/src/accept/look-ups.integration.test.ts). Only a statement that reads nothing may keep its plan.
 */
test.each<[string, Partial<NewNotification>]>([
  ['alone', {}],
  ['with an ordering key', { ordering_key: 'order 7' }],
  ['with attachments', { attachments: [{ filename: 'a.txt', content: 'YQ==' }] }],
])(
  'a notification accepted %s is stored without reading any other row, so its plan may be kept',
  async (_, more) => {
    const group = () => Array.from({ length: 20 }, () => notification(more));
    // PostgreSQL keeps a plan when five made for their parameters were no cheaper. Here it keeps the first.
    await db.kept`set plan_cache_mode = force_generic_plan`;
    await acceptNotifications(db.kept, group(), 300_000);
    const before = await rowsRead();
    const { ids } = await acceptNotifications(db.kept, group(), 300_000);
    expect(ids).toHaveLength(20);
    expect(await rowsRead()).toBe(before);
  },
);

function notification(more: Partial<NewNotification>): NewNotification {
  const id = randomUUID();
  return {
    id,
    app_id: appId,
    environment: 'test',
    priority: 'bulk',
    channel: 'email',
    route: ['email'],
    recipient_id: id,
    content: { subject: 'Hello', text: 'Hello' },
    idempotency_key: id,
    request_hash: '\\x00',
    ...more,
  };
}

/** By tables and indexes. */
async function rowsRead(): Promise<number> {
  await db.kept`select pg_stat_force_next_flush()`;
  const [row] = await db.sql<[{ count: number }]>`
    select (select sum(seq_tup_read) from pg_stat_user_tables)::int
      + (select sum(idx_tup_read) from pg_stat_user_indexes)::int as count`;
  return row.count;
}
