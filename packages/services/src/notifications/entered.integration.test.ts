import type { Entered } from '@carillon/core/notification/entered';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp, insertNotification } from '../../../../test/support/rows.ts';
import { cancelNotification } from './cancel.ts';
import { markSent } from './mark-sent.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a request that moves a notification reports the state it entered, and one that is refused reports nothing', async () => {
  const entered: Entered[] = [];
  const context = {
    db: db.sql,
    actor: 'staff:a@example.com',
    onEntered: (each: Entered) => void entered.push(each),
  };
  const tenant = { appId, environment: 'test' } as const;
  const doubtful = await insertNotification(db.sql, { appId, state: 'in_doubt', priority: 'bulk' });
  await db.sql`update notifications set provider = 'smtp', attempt_count = 1 where id = ${doubtful}`;
  await markSent(context, { tenant, id: doubtful });
  await expect(markSent(context, { tenant, id: doubtful })).rejects.toThrow('is sent');
  const waiting = await insertNotification(db.sql, { appId, channel: 'sms' });
  await cancelNotification(context, { tenant, id: waiting });
  expect(await cancelNotification(context, { tenant, id: waiting })).toMatchObject({ changed: false });
  expect(entered).toEqual([
    { appId, channel: 'email', priority: 'bulk', provider: 'smtp', state: 'sent' },
    { appId, channel: 'sms', priority: 'normal', provider: null, state: 'cancelled' },
  ]);
});
