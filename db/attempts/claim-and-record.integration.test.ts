import { randomUUID } from 'node:crypto';
import type { Ending } from '@carillon/core/notification/attempt-end';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { reviveByHand } from '../doubts/revive-by-hand.ts';
import { type Claim, claimNotifications, explainRefusals } from './claim-notifications.ts';
import { doubtExpiredLeases } from './leases.ts';
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

type OneClaim = Claim & { id: string };

const claimOf = (id: string, over: Partial<Claim> = {}): OneClaim => ({
  id,
  channel: 'email',
  provider: 'smtp',
  leaseToken: randomUUID(),
  leaseMs: 30_000,
  ...over,
});

const claimAll = (...claims: OneClaim[]) =>
  claimNotifications(
    db.sql,
    claims.map(({ id }) => id),
    claims[0]!,
  );

const endingOf = (claim: OneClaim, n: number, over: Partial<Ending> = {}): Ending => ({
  id: claim.id,
  n,
  leaseToken: claim.leaseToken,
  state: 'sent',
  outcome: 'accepted',
  phase: 'answered',
  provider: 'smtp',
  latencyMs: 5,
  ...(over.outcome === undefined ? { providerMessageId: 'provider-1' } : {}),
  ...over,
});

const attemptsOf = (id: string) =>
  db.sql`select n, outcome, provider from delivery_attempts where notification_id = ${id} order by n`;

const historyOf = (id: string) =>
  db.sql<{ state: string; actor: string; reason: string }[]>`
    select state, actor, reason from notification_history where notification_id = ${id} order by id`;

const dead = async () => {
  const id = await insertNotification(db.sql, { appId });
  const claim = claimOf(id);
  await claimAll(claim);
  await recordOutcomes(db.sql, [endingOf(claim, 1, { state: 'dead', outcome: 'transient' })]);
  return id;
};

test('a claim of several environments names for each the account that serves it', async () => {
  const [live, test] = [
    await insertNotification(db.sql, { appId }),
    await insertNotification(db.sql, { appId }),
  ];
  await db.sql`update notifications set environment = 'live' where id = ${live}`;
  const claim = claimOf(live, { provider: { live: 'resend', test: 'smtp' } });
  expect(await claimAll(claim, { ...claim, id: test })).toHaveLength(2);
  expect(await attemptsOf(live)).toMatchObject([{ provider: 'resend' }]);
  expect(await attemptsOf(test)).toMatchObject([{ provider: 'smtp' }]);
});

test('a move missing from the transition table is refused while these tests run', async () => {
  const id = await insertNotification(db.sql, { appId });
  await expect(db.sql`update notifications set state = 'dead' where id = ${id}`).rejects.toThrow(
    'no way from pending to dead',
  );
});

test('a claim commits the attempt row that names the account, before any call', async () => {
  const id = await insertNotification(db.sql, { appId });
  const [row] = await claimAll(claimOf(id));
  expect(row).toMatchObject({ id, channel: 'email', attempt_count: 1, tries: 1 });
  expect(await attemptsOf(id)).toMatchObject([{ n: 1, outcome: null, provider: 'smtp' }]);
});

test('of two claims on one notification, made at once, exactly one wins', async () => {
  const id = await insertNotification(db.sql, { appId });
  const rows = await Promise.all([1, 2, 3, 4].map(() => claimAll(claimOf(id))));
  expect(rows.flat()).toHaveLength(1);
  expect(await attemptsOf(id)).toHaveLength(1);
});

test('a late writer, whose lease has been taken away, changes no state and is journalled', async () => {
  const id = await insertNotification(db.sql, { appId });
  const claim = claimOf(id, { leaseMs: -1000 });
  await claimAll(claim);
  expect(await doubtExpiredLeases(db.sql, 100)).toEqual([id]);
  expect(await recordOutcomes(db.sql, [endingOf(claim, 1)])).toEqual(new Set());
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'in_doubt', error_code: 'worker_lost' });
  expect((await historyOf(id)).map((row) => row.reason)).toEqual([
    'lease ran out without an outcome: the call may have been made',
    'answer came after the lease had ended: state unchanged',
  ]);
});

test('a lease that still runs never becomes a doubt', async () => {
  const id = await insertNotification(db.sql, { appId });
  await claimAll(claimOf(id));
  expect(await doubtExpiredLeases(db.sql, 100)).not.toContain(id);
  expect((await stateOf(db.sql, id)).state).toBe('sending');
});

test('a dead notification is not claimed until a person revives it, which is audited and starts a new cycle', async () => {
  const id = await dead();
  expect(await claimAll(claimOf(id))).toHaveLength(0);
  for (const press of ['the first', 'a second'])
    expect(await reviveByHand(db.sql, id), `${press} press is refused`).toBeNull();
  const [row] = await claimAll(claimOf(id));
  expect(row).toMatchObject({ attempt_count: 2, tries: 1 });
  const audit = await db.sql`select action, detail from audit_log where subject = ${`notification:${id}`}`;
  expect(audit).toMatchObject([{ action: 'notification.retried_in_bull_board', detail: { was: 'dead' } }]);
});

test('a notification that is too late is expired by the look at why it was refused', async () => {
  const id = await insertNotification(db.sql, { appId, expiresAt: new Date(Date.now() - 1000) });
  expect(await claimAll(claimOf(id))).toHaveLength(0);
  expect(await explainRefusals(db.sql, [id])).toMatchObject([{ id, state: 'expired' }]);
  expect((await stateOf(db.sql, id)).state).toBe('expired');
});

test('a scheduled notification is not claimed before its time', async () => {
  const nextAttemptAt = new Date(Date.now() + 60_000);
  const id = await insertNotification(db.sql, { appId, state: 'scheduled', nextAttemptAt });
  expect(await claimAll(claimOf(id))).toHaveLength(0);
  expect(await explainRefusals(db.sql, [id])).toMatchObject([
    { state: 'scheduled', next_attempt_at: nextAttemptAt },
  ]);
});

test('a released claim costs neither an attempt nor its number', async () => {
  const id = await insertNotification(db.sql, { appId });
  const claim = claimOf(id);
  await claimAll(claim);
  const release = {
    id,
    n: 1,
    leaseToken: claim.leaseToken,
    state: 'retrying' as const,
    reason: 'limit',
    dueInMs: 0,
  };
  await releaseClaims(db.sql, [release]);
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'retrying', attempt_count: 0, tries: 0 });
  expect(await attemptsOf(id)).toHaveLength(0);
  const [again] = await claimAll(claimOf(id));
  expect(again).toMatchObject({ attempt_count: 1, tries: 1 });
});

test('a permanent failure goes on with the next channel, announced in the same commit', async () => {
  const id = await insertNotification(db.sql, { appId, route: ['email', 'sms'] });
  const claim = claimOf(id);
  await claimAll(claim);
  const onward = {
    state: 'pending',
    outcome: 'rejected',
    nextChannel: 'sms',
    nextLane: 'sms-normal',
  } as const;
  await recordOutcomes(db.sql, [endingOf(claim, 1, { ...onward, errorCode: 'bad' })]);
  const [row] = await db.sql`select state, channel from notifications where id = ${id}`;
  expect(row).toEqual({ state: 'pending', channel: 'sms' });
  expect(await db.sql`select ids from outbox where lane = 'sms-normal'`).toEqual([{ ids: [id] }]);
});

test('a hundred claims and records each travel in one statement', async () => {
  const ids = await Promise.all(Array.from({ length: 100 }, () => insertNotification(db.sql, { appId })));
  const leaseToken = randomUUID();
  const claims = ids.map((id) => claimOf(id, { leaseToken }));
  expect(await claimAll(...claims)).toHaveLength(100);
  const moved = await recordOutcomes(
    db.sql,
    claims.map((claim) => endingOf(claim, 1)),
  );
  expect(moved).toEqual(new Set(ids));
  const states = await db.sql`select distinct state from notifications where id = any (${ids}::uuid[])`;
  expect(states).toEqual([{ state: 'sent' }]);
});
