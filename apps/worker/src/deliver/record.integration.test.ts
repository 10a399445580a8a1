import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { doubtExpiredLeases } from '@carillon/db/attempts/leases';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import type { ProviderAccount } from '@carillon/providers/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { laneExpecting } from '../../../../test/support/delivery-context.ts';
import { insertApp, insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { claim } from './claim.ts';
import type { Claimed } from './claimed.ts';
import { record } from './record.ts';

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

const account = { id: 'smtp', adapter: { guarantee: 'A' } } as ProviderAccount;

const accepted = (providerMessageId: string): AttemptEnd => ({
  kind: 'answered',
  outcome: { class: 'accepted', providerMessageId },
  account,
  latencyMs: 5,
  message: { channel: 'email', to: 'ada@example.test', subject: 'Hello', text: 'Hello' },
});

async function claimed(): Promise<Claimed> {
  const id = await insertNotification(db.sql, { appId });
  const given = await claim(laneExpecting(account.id, { sql: db.sql }), id);
  if (!given.ok) throw new Error('the claim was refused');
  return given.claimed;
}

test('in a group of accepted outcomes, one that lost its lease is journalled and its doubt looked at again', async () => {
  const lane = laneExpecting(account.id, { sql: db.sql });
  const [late, held] = [await claimed(), await claimed()];
  await db.sql`update notifications set lease_until = now() - interval '1 second' where id = ${late.id}`;
  expect(await doubtExpiredLeases(db.sql, 10)).toEqual([late.id]);
  await db.sql`update notifications set next_attempt_at = now() + interval '1 hour' where id = ${late.id}`;

  const [ofLate, ofHeld] = await Promise.all([
    record(lane, late, accepted('m-1')),
    record(lane, held, accepted('m-2')),
  ]);
  expect(ofHeld).toEqual({ now: 'settled', state: 'sent' });
  expect(ofLate).toMatchObject({ now: 'waiting' });
  expect(await stateOf(db.sql, held.id)).toMatchObject({ state: 'sent' });
  const [doubt] = await db.sql`
    select state, next_attempt_at <= now() as due from notifications where id = ${late.id}`;
  expect(doubt).toEqual({ state: 'in_doubt', due: true });
  const journalled = await db.sql`
    select detail ->> 'provider_message_id' as message from notification_history
    where notification_id = ${late.id} and reason like 'answer came after the lease had ended%'`;
  expect(journalled).toEqual([{ message: 'm-1' }]);
  expect(await historyOf(held)).toEqual([]);
});

const historyOf = ({ id }: Claimed) =>
  db.sql`select reason from notification_history where notification_id = ${id}`;
