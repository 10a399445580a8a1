import { randomUUID } from 'node:crypto';
import type { Ending, Release } from '@carillon/core/notification/attempt-end';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { claimNotifications } from './claim-notifications.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { releaseClaims } from './release-claims.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  await guardTransitions(db.sql);
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const insert = () => insertNotification(db.sql, { appId, channel: 'sms', route: ['sms', 'email'] });
const triedOf = async (id: string) =>
  (await db.sql<{ tried: string[] | null }[]>`select tried from notifications where id = ${id}`)[0]?.tried;

/** One claim, and its recorded outcome. */
async function attempt(id: string, ending: Partial<Ending>, channel: 'sms' | 'email' = 'sms') {
  const leaseToken = randomUUID();
  const [row] = await claimNotifications(db.sql, [id], {
    channel,
    provider: 'a',
    leaseToken,
    leaseMs: 30_000,
  });
  const whole: Ending = {
    id,
    n: row!.attempt_count,
    leaseToken,
    state: 'retrying',
    outcome: 'transient',
    phase: 'answered',
    provider: 'a',
    latencyMs: 5,
    error: 'A did not take it.',
    ...ending,
  };
  expect(await recordOutcomes(db.sql, [whole])).toEqual(new Set([id]));
  return row!;
}
const turn = (tried: string[]): Partial<Ending> => ({ tried, retryInMs: 0, refund: true });

test('a round goes on where it was: the next claim receives the tried accounts, and no try is spent', async () => {
  const id = await insert();
  await attempt(id, { ...turn(['a']), consequence: 'tries the next account, b' });
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'retrying', tries: 0, attempt_count: 1 });
  const second = await attempt(id, turn(['a', 'b']));
  expect(second).toMatchObject({ tried: ['a'], tries: 1, attempt_count: 2 });
  const [firstEntry] = await db.sql`
    select reason, detail from notification_history where notification_id = ${id} order by id limit 1`;
  expect(firstEntry).toMatchObject({
    reason: 'A did not take it. - tries the next account, b',
    detail: { provider: 'a', tried: ['a'], outcome: 'transient' },
  });
});

test('any other end of an attempt clears the tried accounts', async () => {
  for (const ending of [
    { state: 'retrying', retryInMs: 30_000 },
    { state: 'in_doubt', outcome: 'in_doubt' },
    { state: 'dead' },
    { state: 'sent', outcome: 'accepted', providerMessageId: 'x' },
  ] satisfies Partial<Ending>[]) {
    const id = await insert();
    await attempt(id, turn(['a']));
    await attempt(id, ending);
    expect(await triedOf(id)).toBeNull();
  }
});

test('the next channel begins a cycle of its own', async () => {
  const id = await insert();
  await attempt(id, { retryInMs: 0 });
  await attempt(id, turn(['a']));
  await attempt(id, { state: 'pending', nextChannel: 'email', nextLane: 'email-normal' });
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'pending', tries: 0, attempt_count: 3 });
  expect(await triedOf(id)).toBeNull();
  expect(await attempt(id, { retryInMs: 0 }, 'email')).toMatchObject({ tries: 1, channel: 'email' });
});

async function release(id: string, how: Partial<Release>) {
  const leaseToken = randomUUID();
  const [row] = await claimNotifications(db.sql, [id], {
    channel: 'sms',
    provider: 'b',
    leaseToken,
    leaseMs: 30_000,
  });
  await releaseClaims(db.sql, [
    { id, n: row!.attempt_count, leaseToken, state: 'retrying', reason: 'waits', dueInMs: 0, ...how },
  ]);
}

test('a wait in the middle of a round costs nothing and keeps the round', async () => {
  const id = await insert();
  await attempt(id, { retryInMs: 0 });
  await attempt(id, turn(['a']));
  await release(id, {});
  expect(await triedOf(id)).toEqual(['a']);
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'retrying', tries: 1, attempt_count: 2 });
});

test('leaving a blocked channel clears its tried accounts', async () => {
  const id = await insert();
  await attempt(id, { retryInMs: 0 });
  await attempt(id, turn(['a']));
  await release(id, { state: 'pending', dueInMs: null, nextChannel: 'email', nextLane: 'email-normal' });
  expect(await triedOf(id)).toBeNull();
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'pending', tries: 0, attempt_count: 2 });
  expect(await db.sql`select 1 from outbox where lane = 'email-normal' and ${id} = any (ids)`).toHaveLength(
    1,
  );
});
