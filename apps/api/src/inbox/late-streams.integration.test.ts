import { type Database, openDatabase } from '@carillon/db/connection/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { createInboxStreams, type InboxStreams } from './streams.ts';

let database: TestDatabase;
let db: Database;
let streams: InboxStreams;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'late streams', connections: 4 });
  streams = createInboxStreams(db.sql, null);
});
afterAll(async () => {
  streams?.close();
  await db?.close();
  await database?.drop();
});

const AN_HOUR = { inMs: 3600_000, reason: 'token_expired' } as const;
const views = {
  view: ({ title }: { title: string }) => ({ title }),
  viewCounts: ({ unread }: { unread: number }) => ({ unread }),
};

test('a stream that is opened while its inbox is read for another one misses nothing', async () => {
  const owner = await insertRecipient(db.sql, await insertApp(db.sql), 'ada');
  for (const title of ['one', 'two']) await deliverInApp(db.sql, owner, { title });
  const late = await db.sql.begin(async (tx) => {
    await tx`lock table inbox_heads in access exclusive mode`;
    // Asks for the state alone: its answer has none of the events that the second one needs.
    void streams.open({ owner, after: null, ...views }, AN_HOUR);
    await until('the read to wait for the lock', async () => {
      const [row] = await tx<[{ waiting: number }]>`
        select count(*)::int as waiting from pg_locks where relation = 'inbox_heads'::regclass and not granted`;
      return row.waiting > 0;
    });
    return streams.open({ owner, after: 0, ...views }, AN_HOUR);
  });
  let text = '';
  const reader = late.pipeThrough(new TextDecoderStream()).getReader();
  await until('the counts', async () => {
    text += (await reader.read()).value ?? '';
    return text.includes('event: counts');
  });
  expect([...text.matchAll(/"title":"(\w+)"/g)].map(([, title]) => title)).toEqual(['one', 'two']);
  expect(text).toContain('{"unread":2}');
});
