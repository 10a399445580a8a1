import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { acceptInLine, type InLine } from '../../test/support/lines.ts';
import { insertApp, stateOf } from '../../test/support/rows.ts';
import { guardTransitions } from '../../test/support/transition-guard.ts';
import { until } from '../../test/support/until.ts';
import { claimNotifications, explainRefusals } from '../attempts/claim-notifications.ts';
import { type Database, openDatabase } from '../connection/client.ts';
import { reviveByHand } from '../doubts/revive-by-hand.ts';
import { advanceOrder } from './advance-order.ts';
import { listLines } from './list-lines.ts';

let database: TestDatabase;
let db: Database;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'test' });
  await guardTransitions(db.sql);
});
beforeEach(async () => {
  appId = await insertApp(db.sql);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const accept = (...items: InLine[]) => acceptInLine(db.sql, appId, items);
const line = (key: string) => ({ appId, environment: 'test' as const, orderingKey: key });
const claim = async (ids: readonly string[], channel: 'email' | 'sms' = 'email') => {
  const claimed = await claimNotifications(db.sql, ids, {
    channel,
    provider: 'smtp',
    leaseToken: randomUUID(),
    leaseMs: 30_000,
  });
  return claimed.map((row) => row.id);
};
const become = (id: string, state: string, nextAttemptAt: Date | null = null) =>
  db.sql`
    update notifications set state = ${state}, next_attempt_at = ${nextAttemptAt}, lease_token = null, lease_until = null,
      provider = 'smtp'
    where id = ${id}`;
const place = async (id: string) => {
  const [row] = await db.sql<
    { seq: bigint }[]
  >`select seq from notification_order where notification_id = ${id}`;
  return row && Number(row.seq);
};
const announcements = async (id: string) =>
  (await db.sql<{ kind: string }[]>`select kind from outbox where ${id} = any (ids)`).map((row) => row.kind);
const soon = (ms: number) => new Date(Date.now() + ms);

test('places in an ordering queue follow the order of the batch, whatever order the ids have', async () => {
  const ids = await accept(...Array.from({ length: 50 }, () => ({ key: 'k' })));
  const places = await Promise.all(ids.map(place));
  expect(ids).not.toEqual(ids.toSorted());
  expect(places).toEqual(places.toSorted((a, b) => a! - b!));
});

test('a notification without a key has no place', async () => {
  const [keyed, plain] = await accept({ key: 'k' }, {});
  expect(await place(keyed!)).toBeDefined();
  expect(await place(plain!)).toBeUndefined();
});

test('a place becomes visible only after every earlier one of its queue, also from another API process', async () => {
  let commit = (): void => {};
  const first = db.sql.begin(async (tx) => {
    const ids = await acceptInLine(tx as never, appId, [{ key: 'k' }]);
    await new Promise<void>((resolve) => {
      commit = resolve;
    });
    return ids[0]!;
  });
  const waiting = () => db.sql`
    select 1 from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
  const held = () => db.sql`
    select 1 from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and l.granted`;
  await until('the first to hold its line', async () => (await held()).length > 0);
  const second = accept({ key: 'k' });
  await until('the second to wait', async () => (await waiting()).length > 0);
  const [elsewhere] = await accept({});
  expect(await claim([elsewhere!])).toEqual([elsewhere]);
  commit();
  const ids = [await first, (await second)[0]!];
  expect(await place(ids[0]!)).toBeLessThan((await place(ids[1]!))!);
});

test('of a key only the oldest open notification is claimed, in one statement and in many at once', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' }, { key: 'k' });
  expect(await claim(ids.toReversed())).toEqual([ids[0]]);
  await become(ids[0]!, 'sent');
  const rounds = await Promise.all(Array.from({ length: 6 }, () => claim(ids)));
  expect(rounds.flat()).toEqual([ids[1]]);
});

test('a key holds up nothing but itself: not other keys, apps, environments or notifications without one', async () => {
  const otherApp = await insertApp(db.sql);
  const [first, behind] = await accept({ key: 'k' }, { key: 'k' });
  const free = await accept({ key: 'other' }, {}, { key: 'k', environment: 'live' });
  const [foreign] = await acceptInLine(db.sql, otherApp, [{ key: 'k' }]);
  expect(await claim([first!])).toEqual([first]);
  await become(first!, 'retrying', soon(3_600_000));
  expect((await claim([behind!, ...free, foreign!])).sort()).toEqual([...free, foreign!].sort());
});

test('a key spans channels and priorities', async () => {
  const [mail, text] = await accept(
    { key: 'k', priority: 'bulk' },
    { key: 'k', channel: 'sms', priority: 'critical' },
  );
  await claim([mail!]);
  expect(await claim([text!], 'sms')).toEqual([]);
  await become(mail!, 'failed');
  expect(await claim([text!], 'sms')).toEqual([text]);
});

test.each([
  ['pending', null, true],
  ['queued', null, true],
  ['retrying', 3_600_000, true],
  ['in_doubt', 60_000, true],
  ['in_doubt', null, false],
  ['scheduled', 3_600_000, false],
  ['scheduled', 0, true],
  ['sent', null, false],
  ['delivered', null, false],
  ['failed', null, false],
  ['dead', null, false],
  ['suppressed', null, false],
  ['skipped', null, false],
  ['cancelled', null, false],
  ['expired', null, false],
] as const)('one that is %s (due in %s ms) holds up the next: %s', async (state, dueInMs, holds) => {
  const [first, second] = await accept({ key: 'k' }, { key: 'k' });
  await db.sql`alter table notifications disable trigger transition_guard`;
  await become(first!, state, dueInMs === null ? null : soon(dueInMs));
  await db.sql`alter table notifications enable trigger transition_guard`;
  expect(await claim([second!])).toEqual(holds ? [] : [second]);
});

test('two that were planned for the same moment keep their order when it comes', async () => {
  const at = soon(1500);
  const ids = await accept({ key: 'k', sendAt: at }, { key: 'k', sendAt: at });
  const claimed = await until('one to be claimed', async () => {
    const [later, earlier] = await Promise.all([claim([ids[1]!]), claim([ids[0]!])]);
    return later.length + earlier.length > 0 && [...later, ...earlier];
  });
  expect(claimed).toEqual([ids[0]]);
});

test('one that came before its turn is parked without a job or an outbox row, and its timeline has the reason', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' });
  await db.sql`delete from outbox`;
  await db.sql`update notifications set state = 'queued', queued_at = now() where id = any (${ids}::uuid[])`;
  expect(await claim(ids)).toEqual([ids[0]]);
  expect(await explainRefusals(db.sql, [ids[1]!])).toMatchObject([{ id: ids[1], parked: true }]);
  expect(await explainRefusals(db.sql, [ids[1]!])).toMatchObject([{ id: ids[1], parked: true }]);
  const [row] =
    await db.sql`select state, queued_at, next_attempt_at from notifications where id = ${ids[1]!}`;
  expect(row).toEqual({ state: 'pending', queued_at: null, next_attempt_at: null });
  expect(await announcements(ids[1]!)).toEqual([]);
  const journalled = await db.sql`select reason from notification_history where notification_id = ${ids[1]!}`;
  expect(journalled).toEqual([{ reason: 'waits for an older notification of the ordering key "k"' }]);
});

test('a refused one whose turn has come meanwhile is not parked', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' });
  expect(await claim(ids)).toEqual([ids[0]]);
  await become(ids[0]!, 'sent');
  expect(await explainRefusals(db.sql, [ids[1]!])).toMatchObject([{ parked: false, state: 'pending' }]);
  expect(await claim([ids[1]!])).toEqual([ids[1]]);
});

test('a parked one that is too late expires when its turn comes', async () => {
  const [first, second] = await accept({ key: 'k' }, { key: 'k', expiresAt: soon(500) });
  await claim([first!, second!]);
  await explainRefusals(db.sql, [second!]);
  await until('it to be too late', async () => {
    const [refusal] = await explainRefusals(db.sql, [second!]);
    return refusal!.state === 'expired';
  });
  expect((await stateOf(db.sql, second!)).state).toBe('expired');
});

test('when the front of a queue is final it leaves and the next is announced, once, however many callers advance it', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' }, { key: 'k' });
  await claim(ids);
  await explainRefusals(db.sql, ids.slice(1));
  await db.sql`delete from outbox`;
  expect(await advanceOrder(db.sql, [line('k')])).toEqual({ released: 0, priorities: [] });
  await become(ids[0]!, 'dead');
  const advances = await Promise.all(Array.from({ length: 5 }, () => advanceOrder(db.sql, [line('k')])));
  expect(advances.reduce((sum, each) => sum + each.released, 0)).toBe(1);
  expect(await Promise.all(ids.map(announcements))).toEqual([[], ['delivery.resumed'], []]);
  expect(await place(ids[0]!)).toBeUndefined();
  expect(await place(ids[1]!)).toBeDefined();
});

test('a front that never was parked is not announced a second time', async () => {
  const [id] = await accept({ key: 'k' });
  expect((await advanceOrder(db.sql, [line('k')])).released).toBe(0);
  expect(await announcements(id!)).toEqual(['delivery.requested']);
});

test('a planned one and a doubt that waits for a person keep their places while the queue moves past them', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' }, { key: 'k' }, { key: 'k' });
  await claim(ids);
  await explainRefusals(db.sql, ids.slice(1));
  await become(ids[0]!, 'in_doubt');
  await become(ids[1]!, 'scheduled', soon(3_600_000));
  expect((await advanceOrder(db.sql, [line('k')])).released).toBe(1);
  expect(await announcements(ids[2]!)).toContain('delivery.resumed');
  expect((await Promise.all(ids.map(place))).every((seq) => seq !== undefined)).toBe(true);
});

test('a dead one that is retried by hand after it has left its queue may be claimed at any time', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' });
  await claim(ids);
  await become(ids[0]!, 'dead');
  await advanceOrder(db.sql, [line('k')]);
  await reviveByHand(db.sql, ids[0]!);
  expect((await claim(ids)).sort()).toEqual(ids.toSorted());
});

test('a pruned notification leaves no place behind when its queue advances', async () => {
  const ids = await accept({ key: 'k' }, { key: 'k' });
  await db.sql`delete from notifications where id = ${ids[0]!}`;
  expect(await claim([ids[1]!])).toEqual([ids[1]]);
  await advanceOrder(db.sql, [line('k')]);
  expect(await place(ids[0]!)).toBeUndefined();
});

test('ordering queues are listed once each, in parts, however long they are', async () => {
  await accept(...Array.from({ length: 30 }, (_, index) => ({ key: `k${index % 10}` })));
  const mine = await listLines(db.sql, { ...line(''), environment: 'live' }, 4);
  expect(mine.map((each) => each.orderingKey)).toEqual(['k0', 'k1', 'k2', 'k3']);
  const rest = await listLines(db.sql, mine.at(-1)!, 100);
  expect(rest.filter((each) => each.appId === appId).map((each) => each.orderingKey)).toEqual([
    'k4',
    'k5',
    'k6',
    'k7',
    'k8',
    'k9',
  ]);
});
