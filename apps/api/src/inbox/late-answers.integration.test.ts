import { randomUUID } from 'node:crypto';
import type { InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { readInboxState } from '@carillon/db/inbox/list-messages';
import type { Sql } from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { createInboxStreams, type InboxStreams } from './streams.ts';

/** Answers of PostgreSQL that come late: no event is lost, and none is sent twice. */
let database: TestDatabase;
let db: Database;
let appId: string;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'streams-under-test', connections: 4 });
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

let held: { isAnswered: boolean; release: () => void } | null = null;
/** Holds up the answer to the next statement that reads changes. */
function hold() {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  held = { isAnswered: false, release };
  const own = held;
  return {
    gate,
    async untilRead() {
      await until('a statement to be answered', () => own.isAnswered);
    },
    release,
  };
}
let next: ReturnType<typeof hold> | null = null;
function holdNext() {
  next = hold();
  return next;
}

/** The real connection, with answers held up. */
const late = (sql: Sql): Sql =>
  new Proxy(sql, {
    apply(target, self, given: unknown[]) {
      const query = Reflect.apply(target as never, self, given) as Promise<unknown>;
      const isRead = Array.isArray(given[0]) && String(given[0]).includes('recipientSince');
      if (!isRead || next === null) return query;
      const [{ gate }, own] = [next, held!];
      next = null;
      return query.then(async (rows) => {
        own.isAnswered = true;
        await gate;
        return rows;
      });
    },
  });

let streams: InboxStreams;
let owner: InboxOwner;
beforeEach(async () => {
  next = null;
  streams = createInboxStreams(late(db.sql), null);
  owner = await insertRecipient(db.sql, appId, `user_${randomUUID()}`);
});
afterEach(() => {
  held?.release();
  streams.close();
});

const AN_HOUR = { inMs: 3600_000, reason: 'token_expired' } as const;

/** The events of a stream, each as its type and its title. */
function follow(of: InboxOwner, after: number | null): string[] {
  const events: string[] = [];
  const view = (message: InboxMessage) => ({ title: message.title });
  const body = streams.open({ owner: of, after, view, viewCounts: () => ({}) }, AN_HOUR);
  const read = async () => {
    for await (const part of body.pipeThrough(
      new TextDecoderStream() as never,
    ) as unknown as AsyncIterable<string>)
      for (const [, type, data] of part.matchAll(/event: (\w+)\n(?:id: \d+\n)?data: (.*)\n/g))
        events.push([type, ...Object.values(JSON.parse(data!))].join(' '));
  };
  read().catch(() => {});
  return events;
}
const holds = (events: string[], ...wanted: string[]) =>
  until(wanted.join(', '), () => wanted.every((each) => events.includes(each)));
const last = async () => (await readInboxState(db.sql, owner))!.last;

test('an older answer that comes after a newer one resets nothing and repeats nothing', async () => {
  const other = await insertRecipient(db.sql, appId, `user_${randomUUID()}`);
  const [mine, others] = [follow(owner, 0), follow(other, 0)];
  await holds(mine, 'counts');
  await holds(others, 'counts');
  const answer = holdNext();
  streams.changed(owner);
  await answer.untilRead();
  await deliverInApp(db.sql, owner, { title: 'one' });
  await deliverInApp(db.sql, other, { title: 'other' });
  streams.changed(owner);
  streams.changed(other);
  await holds(others, 'message other');
  answer.release();
  await holds(mine, 'message one');
  await deliverInApp(db.sql, owner, { title: 'two' });
  streams.changed(owner);
  await holds(mine, 'message two');
  expect(mine.filter((each) => each !== 'counts')).toEqual(['message one', 'message two']);
});

test('a stream that is opened while others are read gets what they did not ask for', async () => {
  const before = await last();
  await deliverInApp(db.sql, owner, { title: 'missed' });
  const answer = holdNext();
  follow(owner, null);
  await answer.untilRead();
  const client = follow(owner, before);
  answer.release();
  await holds(client, 'counts');
  expect(client).toEqual(['message missed', 'counts']);
});

test('a stream that knows more than an answer under way is not reset', async () => {
  const first = follow(owner, 0);
  await holds(first, 'counts');
  const answer = holdNext();
  streams.changed(owner);
  await answer.untilRead();
  await deliverInApp(db.sql, owner, { title: 'known' });
  const client = follow(owner, await last());
  answer.release();
  await holds(client, 'counts');
  expect(client).toEqual(['counts']);
});

test('a stream does not go on for another person who was added under the same id', async () => {
  const client = follow(owner, null);
  await holds(client, 'counts');
  await db.sql`delete from recipients where id = ${owner.recipientId}`;
  await insertRecipient(db.sql, appId, owner.recipientId);
  await deliverInApp(db.sql, owner, { title: 'of somebody else' });
  streams.changed(owner);
  await holds(client, 'closed recipient_erased');
  expect(client).toEqual(['counts', 'closed recipient_erased']);
});
