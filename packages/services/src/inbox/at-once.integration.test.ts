import { randomUUID } from 'node:crypto';
import { INBOX_ACTIONS, type InboxChange, type InboxOwner } from '@carillon/core/inbox/message';
import { ProblemError } from '@carillon/core/text/problem';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { endSnoozes } from '@carillon/db/inbox/change-messages';
import { readInboxState } from '@carillon/db/inbox/list-messages';
import { pruneInboxMessages } from '@carillon/db/inbox/prune-messages';
import { readInboxChanges } from '@carillon/db/inbox/read-changes';
import { storeInboxMessages } from '@carillon/db/inbox/store-messages';
import { eraseRecipient } from '@carillon/db/recipients/erase-recipient';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { deliverInApp, insertRecipient } from '../../../../test/support/inbox-rows.ts';
import { insertApp } from '../../../../test/support/rows.ts';
import { changeInboxMessage, type InboxContext, markInbox } from './change.ts';

/**
 * Everything that touches inboxes, at once and on few inboxes: no two statements wait for each other in a circle, no number
 * is given out twice, and a reader sees changes in the order of their numbers.
 */
const CONNECTIONS = 16;
const PEOPLE = 3;
const STEPS_EACH = 40;

let database: TestDatabase;
let db: Database;
let appId: string;
let ctx: InboxContext;
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'inboxes-under-test', connections: CONNECTIONS });
  appId = await insertApp(db.sql);
  ctx = { db: db.sql, inboxChanged: () => {}, onReceipts: () => {} };
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
const whole = (most: number): number => Math.floor(Math.random() * most);
const notThere = (error: unknown): undefined => {
  if (error instanceof ProblemError && error.code === 'not_found') return undefined;
  throw error;
};
const entryFor = ({ appId, environment, recipientId }: InboxOwner) => ({
  ...{ appId, environment, recipientId },
  notificationId: randomUUID(),
  title: 'Hello',
  body: '',
  url: null,
});

test('deliveries, changes, snoozes that end, erasures and readers at once: nobody waits in a circle', async () => {
  const owners: InboxOwner[] = [];
  for (let n = 0; n < PEOPLE; n++) owners.push(await insertRecipient(db.sql, appId, `person_${n}`));
  const ids: string[] = [];
  /** Of each person, the highest number that a reader has seen. */
  const seen = new Map<string, number>();

  const change = async (): Promise<unknown> => {
    const to: InboxChange = pick([
      ...INBOX_ACTIONS.map((action) => ({ to: action })),
      { to: 'snoozed' as const, until: new Date(Date.now() + whole(50)) },
      { to: 'snoozed' as const, until: null },
    ]);
    return changeInboxMessage(ctx, { owner: pick(owners), id: pick(ids) ?? randomUUID(), change: to }).catch(
      notThere,
    );
  };
  const steps: (() => Promise<unknown>)[] = [
    async () => ids.push(await deliverInApp(db.sql, pick(owners))),
    // A group of a worker, in any order, with one that was stored before.
    async () => {
      const entries = Array.from({ length: 8 }, () => entryFor(pick(owners)));
      await storeInboxMessages(db.sql, entries);
      await storeInboxMessages(db.sql, [...entries].reverse());
      ids.push(...entries.map(({ notificationId }) => notificationId));
    },
    change,
    change,
    change,
    change,
    async () => markInbox(ctx, { owner: pick(owners), to: pick(['read', 'seen']) }).catch(notThere),
    async () => endSnoozes(db.sql, 20),
    async () => {
      if (whole(4) > 0) return;
      const { recipientId, ...tenant } = pick(owners);
      await eraseRecipient(db.sql, tenant, recipientId, { suppress: false, actor: 'key:test' });
      await insertRecipient(db.sql, appId, recipientId);
    },
    async () => pruneInboxMessages(db.sql, new Date(Date.now() - 2_000), 0, 1_000_000, 3),
    async () => {
      const asked = owners.map((owner) => ({
        ...owner,
        after: seen.get(owner.recipientId) ?? 0,
        counts: true,
      }));
      for (const [k, found] of (await readInboxChanges(db.sql, asked, 1_000)).entries()) {
        const { recipientId } = owners[k]!;
        for (const { number } of found?.events ?? []) {
          if (number > found!.last) throw new Error(`event ${number} is above the head, ${found!.last}`);
        }
        if (found) seen.set(recipientId, Math.max(seen.get(recipientId) ?? 0, found.last));
      }
    },
  ];
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let n = 0; n < STEPS_EACH; n++) await pick(steps)();
    }),
  );

  const rows = await db.sql<{ person: string; sequence: number; createdSequence: number; last: number }[]>`
    select m.recipient_id as person, sequence::float8 as sequence, created_sequence::float8 as "createdSequence",
      h.last::float8 as last
    from inbox_messages m left join inbox_heads h using (app_id, environment, recipient_id)`;
  expect(rows.length).toBeGreaterThan(0);
  for (const { person } of rows) {
    const own = rows.filter((row) => row.person === person);
    expect(new Set(own.map(({ sequence }) => sequence)).size).toBe(own.length);
    expect(new Set(own.map(({ createdSequence }) => createdSequence)).size).toBe(own.length);
    for (const row of own) {
      expect(row.createdSequence).toBeGreaterThan(0);
      expect(row.sequence).toBeGreaterThanOrEqual(row.createdSequence);
      expect(row.last).toBeGreaterThanOrEqual(row.sequence);
    }
  }
  for (const owner of owners) {
    const state = await readInboxState(db.sql, owner);
    const [counted] = await db.sql<[{ unread: number; unseen: number }]>`
      select count(*) filter (where read_at is null)::int as unread, count(*) filter (where seen_at is null)::int as unseen
      from inbox_messages
      where recipient_id = ${owner.recipientId} and archived_at is null and snoozed_until is null`;
    expect({ unread: state!.unread, unseen: state!.unseen }).toEqual(counted);
  }
}, 120_000);

test('a reader that follows while others change sees every number once it is below the head', async () => {
  const owner = await insertRecipient(db.sql, appId, 'followed');
  const { recipientId, ...tenant } = owner;
  const followed = new Set<number>();
  let isOver = false;
  let after = 0;
  const follow = async (): Promise<void> => {
    const [found] = await readInboxChanges(db.sql, [{ ...owner, after, counts: false }], 100);
    for (const { number } of found!.events) {
      expect(number).toBeGreaterThan(after);
      followed.add(number);
      after = number;
    }
    if (!found!.isMore) after = Math.max(after, found!.last);
  };
  const reading = (async () => {
    while (!isOver) await follow();
    await follow();
  })();
  const stored: string[] = [];
  await Promise.all(
    Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; n < 30; n++) {
        const entry = entryFor(owner);
        await storeInboxMessages(db.sql, [entry]);
        stored.push(entry.notificationId);
        if (writer % 2 === 0)
          await changeInboxMessage(ctx, {
            owner,
            id: pick(stored),
            change: { to: pick(['read', 'unread']) },
          });
      }
    }),
  );
  isOver = true;
  await reading;
  const rows = await db.sql<{ created: number; sequence: number }[]>`
    select created_sequence::float8 as created, sequence::float8 as sequence from inbox_messages
    where app_id = ${tenant.appId} and recipient_id = ${recipientId}`;
  expect(rows).toHaveLength(180);
  expect(rows.filter(({ created, sequence }) => !followed.has(created) || !followed.has(sequence))).toEqual(
    [],
  );
}, 60_000);

test('numbers rise although the clock of PostgreSQL was set back', async () => {
  const owner = await insertRecipient(db.sql, appId, 'with a clock');
  const id = await deliverInApp(db.sql, owner);
  const ahead = Date.now() + 3600_000;
  // As if everything until now had happened an hour ahead.
  await db.sql`update inbox_heads set last = ${ahead} where recipient_id = ${owner.recipientId}`;
  await db.sql`update inbox_messages set sequence = ${ahead} where notification_id = ${id}`;
  await deliverInApp(db.sql, owner);
  await changeInboxMessage(ctx, { owner, id, change: { to: 'read' } });
  await changeInboxMessage(ctx, { owner, id, change: { to: 'snoozed', until: new Date() } });
  await endSnoozes(db.sql, 10);
  const [found] = await readInboxChanges(db.sql, [{ ...owner, after: ahead, counts: false }], 10);
  expect(found!.events.map(({ number }) => number - ahead)).toEqual([1, 4]);
  expect(found!.last).toBe(ahead + 4);
});
