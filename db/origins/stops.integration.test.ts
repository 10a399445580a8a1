import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { insertApp, insertNotification, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { expectTrueCounts, keepTrueCounts } from '../../test/support/true-counts.ts';
import { claimNotifications, explainRefusals } from '../attempts/claim-notifications.ts';
import { reopenAttempt } from '../attempts/late-answers.ts';
import { releaseClaims } from '../attempts/release-claims.ts';
import { openDatabase } from '../connection/client.ts';
import { resendDoubt } from '../doubts/decisions.ts';
import { cancelNotification } from '../notifications/reschedule.ts';
import { findStuck } from '../outbox/stuck.ts';
import { takeOutbox } from '../outbox/take-outbox.ts';
import { foldCounts } from './fold-counts.ts';
import { storeOrigin } from './origins.ts';
import { readCounts } from './read-counts.ts';
import { announceParked, cancelPage, liftStop, PAGE, stopOrigin } from './stops.ts';

let database: TestDatabase;
let db: ReturnType<typeof openDatabase>;
let sql: Sql;
let appId: string;
let origin: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  sql = db.sql;
  await guardTransitions(sql);
  await keepTrueCounts(sql);
  appId = await insertApp(sql);
});
afterAll(async () => {
  await expectTrueCounts(sql);
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  origin = randomUUID();
  await storeOrigin(sql, {
    id: origin,
    appId,
    environment: 'test',
    category: null,
    data: {},
    events: 'problems',
  });
});

type Given = Parameters<typeof insertNotification>[1];

async function make(count: number, given: Partial<Given> = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await insertNotification(sql, { appId, ...given }));
  await sql`update notifications set origin_id = ${origin}, created_at = date_trunc('milliseconds', created_at) where id = any (${ids}::uuid[])`;
  await sql`insert into count_changes (origin_id, variant, bucket, n) values (${origin}, 0, 'made', ${count}), (${origin}, 0, 'planned', ${count})`;
  return ids;
}

const leaseToken = randomUUID();
const claim = (ids: string[]) =>
  claimNotifications(sql, ids, { channel: 'email', provider: 'smtp', leaseToken, leaseMs: 30_000 });
const counts = async () => (await readCounts(sql, [origin])).get(origin)!.whole;
const announced = () =>
  sql.begin(async (tx) =>
    (await takeOutbox(tx, ['email-normal'], 0, 1000)).flatMap(({ ids, kind }) =>
      kind === 'delivery.resumed' ? ids : [],
    ),
  );

describe('a paused origin', () => {
  test('is not claimed; what its jobs lead to is parked, without a job of its own, and goes on when the pause ends', async () => {
    const ids = await make(3);
    await announced();
    await stopOrigin(sql, origin, 'paused');
    expect(await claim(ids)).toEqual([]);
    const refusals = await explainRefusals(sql, ids);
    expect(refusals.map(({ stopped, state }) => [stopped, state])).toEqual(
      Array(3).fill(['paused', 'pending']),
    );
    expect(await counts()).toMatchObject({ open: 3, in_progress: 3 });

    await liftStop(sql, origin);
    expect(await announceParked(sql, origin, null)).toEqual({
      announced: 3,
      priorities: ['normal'],
      next: null,
    });
    expect((await announced()).sort()).toEqual(ids.toSorted());
    expect(await claim(ids)).toHaveLength(3);
  });

  test('parks what became due while it waited to be tried again', async () => {
    const [id] = await make(1, { state: 'retrying', nextAttemptAt: new Date(Date.now() - 1000) });
    await stopOrigin(sql, origin, 'paused');
    expect(await claim([id!])).toEqual([]);
    expect(await explainRefusals(sql, [id!])).toMatchObject([{ stopped: 'paused', state: 'pending' }]);
    expect(await stateOf(sql, id!)).toMatchObject({ state: 'pending', next_attempt_at: null });
  });

  test('holds back others neither in the same group nor elsewhere', async () => {
    const [ours] = await make(1);
    const other = await insertNotification(sql, { appId });
    await stopOrigin(sql, origin, 'paused');
    expect((await claim([ours!, other])).map(({ id }) => id)).toEqual([other]);
  });

  test('is left alone by the sweep and the stuck audit, however long it is paused', async () => {
    const [id] = await make(1);
    await announced();
    await stopOrigin(sql, origin, 'paused');
    await explainRefusals(sql, [id!]);
    await sql`update notifications set created_at = now() - interval '1 hour', updated_at = now() - interval '30 minutes' where id = ${id!}`;
    const window = {
      from: new Date(Date.now() - 2 * 3_600_000),
      to: new Date(Date.now() - 1_800_000),
      lanes: [],
      stuckPendingAfterMs: 120_000,
      stuckSendingAfterMs: 60_000,
    };
    expect(await findStuck(sql, window)).toMatchObject({ stuckPending: false });
    await liftStop(sql, origin);
    expect(await findStuck(sql, window)).toMatchObject({ stuckPending: true });
  });

  test('parks nothing after its pause has ended: a refusal waits for the end and finds it', async () => {
    const [id] = await make(1);
    await stopOrigin(sql, origin, 'paused');
    let refusals: Promise<unknown> | undefined;
    await sql.begin(async (tx) => {
      await liftStop(tx, origin);
      refusals = explainRefusals(sql, [id!]);
      // It waits for this transaction.
      const [waiting] = await tx<
        { n: number }[]
      >`select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'`;
      expect(waiting).toBeDefined();
    });
    expect(await refusals).toMatchObject([{ stopped: null, state: 'pending' }]);
    expect(await claim([id!])).toHaveLength(1);
  });
});

describe('a cancelled origin', () => {
  test('cancels what its jobs lead to, and counts it', async () => {
    const ids = await make(2);
    await stopOrigin(sql, origin, 'cancelled');
    expect(await claim(ids)).toEqual([]);
    expect(await explainRefusals(sql, ids)).toMatchObject([
      { stopped: 'cancelled', state: 'cancelled' },
      { stopped: 'cancelled', state: 'cancelled' },
    ]);
    expect(await counts()).toMatchObject({ made: 2, open: 0, cancelled: 2 });
  });

  test('stays cancelled, whatever is asked afterwards', async () => {
    await stopOrigin(sql, origin, 'cancelled');
    await stopOrigin(sql, origin, 'paused');
    await liftStop(sql, origin);
    const [id] = await make(1);
    expect(await claim([id!])).toEqual([]);
  });

  test('has its waiting notifications cancelled by pages, each once; those with a worker and doubts are left', async () => {
    await make(PAGE + 3, {});
    const [held] = await make(1, { state: 'scheduled', nextAttemptAt: new Date(Date.now() + 60_000) });
    const [sending] = await make(1);
    const [doubt] = await make(1, { state: 'in_doubt' });
    expect(await claim([sending!])).toHaveLength(1);
    await stopOrigin(sql, origin, 'cancelled');
    const first = await cancelPage(sql, origin, null);
    expect(first).toMatchObject({ cancelled: PAGE, busy: 0 });
    const second = await cancelPage(sql, origin, first.next);
    expect(second).toEqual({ cancelled: 4, busy: 0, next: null });
    expect(await stateOf(sql, held!)).toMatchObject({ state: 'cancelled', error_code: 'origin_cancelled' });
    expect(await stateOf(sql, sending!)).toMatchObject({ state: 'sending' });
    expect(await stateOf(sql, doubt!)).toMatchObject({ state: 'in_doubt' });
    expect(await counts()).toMatchObject({ cancelled: PAGE + 4, open: 2, in_doubt: 1, in_progress: 1 });
    expect(await cancelPage(sql, origin, null)).toMatchObject({ cancelled: 0 });
  }, 60_000);

  test('leaves out a row that another transaction has, and says so', async () => {
    const [id] = await make(1);
    await stopOrigin(sql, origin, 'cancelled');
    await sql.begin(async (tx) => {
      await tx`select from notifications where id = ${id!} for update`;
      expect(await cancelPage(sql, origin, null)).toMatchObject({ cancelled: 0, busy: 1 });
    });
    expect(await cancelPage(sql, origin, null)).toMatchObject({ cancelled: 1, busy: 0 });
  });

  test('sends no doubt again: neither the same call nor a new one', async () => {
    const [id] = await make(1);
    await claim([id!]);
    const fence = new Date();
    await sql`update notifications set state = 'in_doubt', lease_token = null, lease_until = null, next_attempt_at = ${fence} where id = ${id!}`;
    await stopOrigin(sql, origin, 'cancelled');
    const doubt = { id: id!, attempt_count: 1, fence };
    const note = { reason: 'r', detail: { decision: 'repeat', attempt: 1, provider: 'smtp' } } as const;
    expect(await reopenAttempt(sql, doubt, { token: randomUUID(), ms: 1000 }, note)).toBe(false);
    expect(await resendDoubt(sql, doubt, note)).toBe(false);
    expect(await stateOf(sql, id!)).toMatchObject({ state: 'in_doubt' });
  });
});

describe('counts', () => {
  test('are the same before and after they are added up, in every snapshot', async () => {
    const ids = await make(3);
    await cancelNotification(sql, { appId, environment: 'test' }, ids[0]!, 'key:k');
    const before = await counts();
    expect(before).toMatchObject({ planned: 3, remaining: 0, made: 3, open: 2, cancelled: 1 });
    while ((await foldCounts(sql)) > 0);
    expect(await counts()).toEqual(before);
    expect(await sql`select from count_changes`).toHaveLength(0);
  });

  test('are added up once, however many processes do it', async () => {
    const ids = await make(40);
    for (const id of ids) await cancelNotification(sql, { appId, environment: 'test' }, id, 'key:k');
    await Promise.all(Array.from({ length: 8 }, () => foldCounts(sql)));
    while ((await foldCounts(sql)) > 0);
    expect(await counts()).toMatchObject({ made: 40, cancelled: 40, open: 0 });
  });

  test('do not change while a notification moves within the open states', async () => {
    const [id] = await make(1);
    const [claimed] = await claim([id!]);
    expect(claimed).toMatchObject({ origin_id: origin });
    const release = { id: id!, n: 1, leaseToken, reason: 'r', ofOrigin: true as const };
    await releaseClaims(sql, [{ ...release, state: 'retrying', dueInMs: 60_000 }]);
    expect(await counts()).toMatchObject({ made: 1, open: 1, retrying: 1, in_progress: 0 });
  });

  test('follow a notification that ends without a call', async () => {
    const [id] = await make(1);
    await claim([id!]);
    const release = { id: id!, n: 1, leaseToken, reason: 'r', ofOrigin: true as const };
    await releaseClaims(sql, [{ ...release, state: 'skipped', dueInMs: null }]);
    expect(await counts()).toMatchObject({ made: 1, open: 0, skipped: 1 });
  });
});
