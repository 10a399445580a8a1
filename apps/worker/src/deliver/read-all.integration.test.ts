import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { readInboxState } from '@carillon/db/inbox/list-messages';
import { NotStored } from '@carillon/providers/inbox/send';
import { markInbox } from '@carillon/services/inbox/change';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { inboxStore } from './inbox-store.ts';

const UNREAD = 1_500;
/** Far less than the worker's: statements wait for the inbox, and give up. */
const LOCK_TIMEOUT_MS = 20;

let database: TestDatabase;
let api: Database;
let worker: Database;
beforeAll(async () => {
  database = await testDatabase();
  api = openDatabase({ url: database.url, name: 'api', connections: 2 });
  worker = openDatabase({
    url: database.url,
    name: 'worker',
    connections: 4,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
  });
});
afterAll(async () => {
  await api?.close();
  await worker?.close();
  await database?.drop();
});

test('thousands of messages are read while more come to the same person: each is stored, or certainly not', async () => {
  const appId = await insertApp(api.sql);
  const owner = await insertRecipient(api.sql, appId, 'busy');
  await api.sql`
    insert into notifications (id, app_id, environment, state, priority, channel, route, recipient_id, content, idempotency_key,
      request_hash, provider, attempt_count, tries)
    select gen_random_uuid(), ${appId}, 'live', 'delivered', 'normal', 'in_app', '{in_app}', 'busy', '{}', i::text, '\\x00',
      'inbox', 1, 1
    from generate_series(1, ${UNREAD}::int) i`;
  await api.sql`
    insert into delivery_attempts (notification_id, n, phase, channel, provider, finished_at, outcome,
      provider_message_id)
    select id, 1, 'answered', 'in_app', 'inbox', now(), 'accepted', id::text from notifications`;
  await api.sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, sequence, created_sequence)
    select id, app_id, environment, recipient_id, 'Hello', '', row_number() over (), row_number() over () from notifications`;
  const store = inboxStore(worker.sql, () => {});
  let isOver = false;
  const marking = markInbox(
    { db: api.sql, inboxChanged: () => {}, onReceipts: () => {} },
    { owner, to: 'read', upTo: UNREAD },
  ).finally(() => {
    isOver = true;
  });
  const ends = { stored: 0, 'not stored': 0 };
  while (!isOver) {
    const entry = { ...owner, notificationId: randomUUID(), title: 'One more', body: '', url: null };
    await store(entry, () => true).then(
      () => ends.stored++,
      (error: unknown) => {
        // Anything else would be a doubt.
        expect(error).toBeInstanceOf(NotStored);
        ends['not stored']++;
      },
    );
    await turn();
  }
  const { changed } = await marking;
  expect(changed).toBe(UNREAD);
  expect(ends['not stored']).toBeGreaterThan(0);
  const state = await readInboxState(api.sql, owner);
  expect(state).toMatchObject({ unread: ends.stored, unseen: ends.stored });
}, 120_000);
