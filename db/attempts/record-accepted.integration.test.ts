import { randomUUID } from 'node:crypto';
import type { Ending } from '@carillon/core/notification/attempt-end';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { claimNotifications } from './claim-notifications.ts';
import { doubtExpiredLeases } from './leases.ts';
import { recordAccepted } from './record-accepted.ts';
import { recordOutcomes } from './record-outcomes.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  // One connection, so that its statistics can be read.
  db = openDatabase({ url: database.url, name: 'test', connections: 1 });
  await guardTransitions(db.sql);
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** @returns the outcome of a claim that was just made */
async function accepted(leaseMs = 30_000): Promise<Ending> {
  const id = await insertNotification(db.sql, { appId });
  const leaseToken = randomUUID();
  await claimNotifications(db.sql, [id], { channel: 'email', provider: 'smtp', leaseToken, leaseMs });
  return {
    id,
    n: 1,
    leaseToken,
    state: 'sent',
    outcome: 'accepted',
    phase: 'answered',
    provider: 'resend',
    latencyMs: 7,
    providerMessageId: `re_${id}`,
  };
}

const rowsOf = async ({ id }: Ending) => {
  const [notification] = await db.sql`
    select to_jsonb(n) - '{id,idempotency_key,request_hash,address,content,created_at,updated_at,provider_message_id}'::text[] as columns
    from notifications n where id = ${id}`;
  const [attempt] = await db.sql`
    select to_jsonb(a) - '{notification_id,started_at,finished_at,provider_message_id}'::text[] as columns
    from delivery_attempts a where notification_id = ${id}`;
  return { notification: notification!.columns, attempt: attempt!.columns };
};

test('the short statement leaves the same rows as the whole one', async () => {
  const [short, whole] = [await accepted(), await accepted()];
  // Left by an earlier attempt.
  for (const { id } of [short, whole])
    await db.sql`update notifications set error = 'the one before', error_code = 'x', tried = '{smtp}' where id = ${id}`;
  expect(await recordAccepted(db.sql, [short])).toEqual(new Set([short.id]));
  expect(await recordOutcomes(db.sql, [whole])).toEqual(new Set([whole.id]));
  const rows = await rowsOf(short);
  expect(rows).toEqual(await rowsOf(whole));
  expect(rows.notification).toMatchObject({ state: 'sent', error: null, tried: null, lease_token: null });
  expect(rows.attempt).toMatchObject({ outcome: 'accepted', phase: 'answered', provider: 'resend' });
});

test('of a group, only those whose lease still stands move', async () => {
  const [late, held] = [await accepted(-1000), await accepted()];
  expect(await doubtExpiredLeases(db.sql, 100)).toEqual([late.id]);
  expect(await recordAccepted(db.sql, [late, held])).toEqual(new Set([held.id]));
  expect(await stateOf(db.sql, late.id)).toMatchObject({ state: 'in_doubt' });
  expect(await stateOf(db.sql, held.id)).toMatchObject({ state: 'sent' });
});

test.each([
  ['short', recordAccepted],
  ['whole', recordOutcomes],
])('the %s statement looks its row up and reads no other, also in a small table', async (_, record) => {
  await Promise.all(Array.from({ length: 300 }, () => accepted()));
  const one = await accepted();
  const before = await entriesRead();
  await record(db.sql, [one]);
  // The row itself, and its own older versions.
  expect((await entriesRead()) - before).toBeLessThan(10);
});

async function entriesRead(): Promise<number> {
  await db.sql`select pg_stat_force_next_flush()`;
  const [row] = await db.sql<[{ read: number }]>`
    select sum(idx_tup_read)::int as read from pg_stat_user_indexes
    where relname in ('notifications', 'delivery_attempts')`;
  return row.read;
}
