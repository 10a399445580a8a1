import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { assignProviders } from './assign-providers.ts';
import { claimNotifications } from './claim-notifications.ts';
import { noteLateAnswer } from './late-answers.ts';
import { doubtExpiredLeases, giveBackLostClaims, renewLeases } from './leases.ts';
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

/** A claimed notification. */
async function claimed(leaseMs = 30_000) {
  const id = await insertNotification(db.sql, { appId });
  const leaseToken = randomUUID();
  await claimNotifications(db.sql, [id], { channel: 'email', provider: 'smtp', leaseToken, leaseMs });
  return { id, n: 1, leaseToken };
}

const leaseOf = async (id: string) => {
  const [row] = await db.sql<{ left: number; token: string | null }[]>`
    select extract(epoch from lease_until - now())::float8 as left, lease_token as token from notifications where id = ${id}`;
  return row!;
};

const dueOf = async (id: string) => (await stateOf(db.sql, id)).next_attempt_at;

test('a lease is renewed by its token, also one that has expired but was not taken away', async () => {
  const [mine, over, foreign] = [await claimed(5000), await claimed(-1000), await claimed(5000)];
  const renewals = [
    { ...mine, leaseMs: 20_000 },
    { ...over, leaseMs: 20_000 },
    { ...foreign, leaseToken: randomUUID(), leaseMs: 20_000 },
  ];
  expect(await renewLeases(db.sql, renewals)).toEqual(
    new Map([
      [mine.id, true],
      [over.id, true],
    ]),
  );
  expect((await leaseOf(mine.id)).left).toBeGreaterThan(15);
  expect((await leaseOf(over.id)).left).toBeGreaterThan(15);
  expect((await leaseOf(foreign.id)).left).toBeLessThan(6);
  expect(await doubtExpiredLeases(db.sql, 100)).not.toContain(over.id);
});

test('without the token nothing of a claim moves: no renewal, no other account, no release, no record', async () => {
  const claim = await claimed();
  const stranger = { ...claim, leaseToken: randomUUID() };
  expect(await renewLeases(db.sql, [{ ...stranger, leaseMs: 90_000 }])).toEqual(new Map());
  expect(await assignProviders(db.sql, [{ ...stranger, provider: 'resend' }])).toEqual(new Set());
  const release = { ...stranger, state: 'retrying', reason: 'mine', dueInMs: 0 } as const;
  expect(await releaseClaims(db.sql, [release])).toEqual(new Set());
  expect(await giveBackLostClaims(db.sql, [claim.id], stranger.leaseToken)).toBe(0);
  const ending = {
    ...stranger,
    state: 'sent',
    outcome: 'accepted',
    phase: 'answered',
    provider: 'resend',
  } as const;
  expect(await recordOutcomes(db.sql, [{ ...ending, latencyMs: 1, providerMessageId: 'm' }])).toEqual(
    new Set(),
  );
  expect(await stateOf(db.sql, claim.id)).toMatchObject({ state: 'sending', provider: 'smtp' });
  expect((await leaseOf(claim.id)).token).toBe(claim.leaseToken);
});

test('long calls whose leases are renewed do not hide an expired lease', async () => {
  const living = await Promise.all(Array.from({ length: 5 }, () => claimed()));
  const dead = await claimed(-1000);
  await db.sql`update delivery_attempts set started_at = now() - interval '1 hour'
    where notification_id = any (${living.map(({ id }) => id)}::uuid[])`;
  expect(await doubtExpiredLeases(db.sql, 1)).toEqual([dead.id]);
});

test('a claim whose answer was lost is given back, as if it had never been made', async () => {
  const { id, leaseToken } = await claimed();
  const other = await insertNotification(db.sql, { appId });
  expect(await giveBackLostClaims(db.sql, [id, other], leaseToken)).toBe(1);
  expect(await stateOf(db.sql, id)).toMatchObject({ state: 'retrying', attempt_count: 0, tries: 0 });
  expect(await db.sql`select 1 from delivery_attempts where notification_id = ${id}`).toHaveLength(0);
  expect((await stateOf(db.sql, other)).state).toBe('pending');
  expect(await giveBackLostClaims(db.sql, [id, other], leaseToken)).toBe(0);
  const again = await claimNotifications(db.sql, [id], {
    channel: 'email',
    provider: 'smtp',
    leaseToken: randomUUID(),
    leaseMs: 1000,
  });
  expect(again).toMatchObject([{ attempt_count: 1 }]);
});

test('a late answer makes its doubt due again at once, even one that was held for a person', async () => {
  const { id, n } = await claimed(-1000);
  expect(await noteLateAnswer(db.sql, { id, n }, null)).toBe(false);
  await doubtExpiredLeases(db.sql, 100);
  await db.sql`update notifications set next_attempt_at = null where id = ${id}`;
  expect(await noteLateAnswer(db.sql, { id, n: n + 1 }, null)).toBe(false);
  expect(await dueOf(id)).toBeNull();
  const unsent = { id, n, provider: 'smtp', outcome: 'transient', errorCode: 'lease_over' } as const;
  expect(await noteLateAnswer(db.sql, { id, n }, unsent)).toBe(true);
  expect((await dueOf(id))!.getTime()).toBeLessThanOrEqual(Date.now() + 1000);
  const journalled = await db.sql`
    select detail from notification_history where notification_id = ${id} and actor = 'deliver'`;
  expect(journalled).toEqual([
    { detail: { outcome: 'transient', code: 'lease_over', provider: 'smtp', attempt: 1 } },
  ]);
});
