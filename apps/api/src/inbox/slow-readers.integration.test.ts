import { get, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { openEvents } from '../../../../test/support/event-stream.ts';
import { insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { type ServedApi, servedApi } from '../../../../test/support/served-api.ts';
import { until } from '../../../../test/support/until.ts';

/** Far more than sockets and streams hold. */
const MESSAGES = 3_000;
const BYTES = 10_000;

let database: TestDatabase;
let api: ServedApi;
beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

async function deliverMany({ appId, environment, recipientId }: InboxOwner): Promise<void> {
  await api.db.sql`
    insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, sequence, created_sequence)
    select gen_random_uuid(), ${appId}, ${environment}, ${recipientId}, i::text, repeat('x', ${BYTES}), i, i
    from generate_series(1, ${MESSAGES}::int) i`;
  await api.db.sql`
    insert into inbox_heads (app_id, environment, recipient_id, last)
    values (${appId}, ${environment}, ${recipientId}, ${MESSAGES})`;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** In buffers that are in use: what waits to be sent is in them. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

const opened = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': '0' };
    get(`${api.url}/v1/inbox/stream`, { headers }, resolve).on('error', reject);
  });

test('a client that does not read holds up nobody, costs little, and gets everything once it reads', async () => {
  const owner = await insertRecipient(api.db.sql, api.appId, 'slow');
  const token = await api.recipientToken('slow');
  // Nothing reads from it.
  const slow = await opened(token);
  await deliverMany(owner);
  const before = heldBytes();
  const quick = await openEvents(`${api.url}/v1/inbox/stream`, {
    authorization: `Bearer ${token}`,
    'last-event-id': '0',
  });
  const counts = () => quick.events.findLast(({ type }) => type === 'counts');
  await until('the one that reads to have everything', () => counts()?.data.unread_count === MESSAGES, {
    timeoutMs: 60_000,
  });
  await quick.close();
  // What the quick one had is freed when its socket has closed; what waits for the slow one would stay.
  await until('little to be held', () => heldBytes() - before < (MESSAGES * BYTES) / 4);

  const titles: number[] = [];
  let text = '';
  slow.setEncoding('utf8');
  slow.on('data', (part: string) => {
    text += part;
    for (const [, title] of text.matchAll(
      /event: message\nid: \d+\ndata: \{[^\n]*?"title":"(\d+)"[^\n]*\n\n/g,
    ))
      titles.push(Number(title));
    const end = text.lastIndexOf('\n\n');
    if (end >= 0) text = text.slice(end + 2);
  });
  await until('the slow one to have everything', () => titles.length >= MESSAGES, { timeoutMs: 60_000 });
  expect(titles).toEqual(Array.from({ length: MESSAGES }, (_, index) => index + 1));
  slow.destroy();
}, 150_000);
