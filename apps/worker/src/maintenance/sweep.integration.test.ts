import { randomUUID } from 'node:crypto';
import { lanesOf } from '@carillon/core/notification/lane';
import { claimNotifications, explainRefusals } from '@carillon/db/attempts/claim-notifications';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { acceptInLine } from '../../../../test/support/lines.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { sweep } from './sweep.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
beforeEach(async () => {
  await bundle.db.sql`delete from outbox`;
  await bundle.db.sql`delete from notifications`;
  for (const lane of lanesOf(['critical', 'normal', 'bulk']))
    await bundle.producer.queue(lane).obliterate({ force: true });
});
afterAll(() => bundle.close());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const insert = (over: Partial<Parameters<typeof insertNotification>[1]> = {}) =>
  insertNotification(bundle.db.sql, { appId: bundle.appId, announced: false, ...over });
const duty = (now: () => number = Date.now) =>
  sweep({ sql: bundle.db.sql, producer: bundle.producer, wake: () => {}, now, olderWindows: 4 });
const announced = async () =>
  (await bundle.db.sql<{ ids: string[] }[]>`select ids from outbox`).flatMap((row) => row.ids);
/** As if it had been created, changed and queued that long ago. */
const age = (id: string, ms: number) => bundle.db.sql`
  update notifications set created_at = created_at - ${ms} * interval '1 millisecond',
    updated_at = updated_at - ${ms} * interval '1 millisecond', queued_at = queued_at - ${ms} * interval '1 millisecond'
  where id = ${id}`;
const queued = async (ageMs: number, over = {}) => {
  const id = await insert({ state: 'queued', queuedAt: new Date(), ...over });
  await age(id, ageMs);
  return id;
};

test('a queued notification whose job is gone is announced again, once, when its lane is empty', async () => {
  const id = await queued(MINUTE);
  await Promise.all([duty().runOnce(), duty().runOnce(), duty().runOnce()]);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('pending');
  expect(await announced()).toEqual([id]);
});

test('one that was queued a moment ago is left alone: its job may be on the way', async () => {
  const id = await queued(5000);
  await duty().runOnce();
  expect((await stateOf(bundle.db.sql, id)).state).toBe('queued');
});

test('in a lane with a backlog, lost means queued well before the oldest job that waits', async () => {
  const lost = await queued(10 * MINUTE);
  const waiting = await queued(5 * MINUTE);
  const fiveMinutesAgo = Date.now() - 5 * MINUTE;
  const lane = bundle.producer.queue('email-normal');
  await lane.add('deliver', { v: 1, id: waiting }, { jobId: waiting, timestamp: fiveMinutesAgo });
  await lane.add('canary', { v: 1, canary: 1 }, { jobId: 'canary_1', lifo: true });
  await duty().runOnce();
  expect(await announced()).toEqual([lost]);
  expect((await stateOf(bundle.db.sql, waiting)).state).toBe('queued');
});

test('a lane of which only canaries can be seen, because no worker serves it, is left alone', async () => {
  const waiting = await queued(10 * MINUTE);
  const lane = bundle.producer.queue('email-normal');
  await lane.add('deliver', { v: 1, id: waiting }, { jobId: waiting, timestamp: Date.now() - 10 * MINUTE });
  for (let slot = 0; slot < 10; slot++)
    await lane.add('canary', { v: 1, canary: slot }, { jobId: `canary_${slot}`, lifo: true });
  await duty().runOnce();
  expect((await stateOf(bundle.db.sql, waiting)).state).toBe('queued');
});

test('a notification lost long ago is found at the start, and later by the rotation', async () => {
  const service = duty();
  const yesterday = await queued(23 * HOUR);
  await service.runOnce();
  expect(await announced()).toEqual([yesterday]);
  const olds = [];
  for (let day = 2; day <= 8; day++) olds.push(await queued(day * 24 * HOUR));
  await service.runOnce();
  expect(await announced()).not.toEqual(expect.arrayContaining(olds));
  for (let turn = 0; turn < 3; turn++) await service.runOnce();
  expect((await announced()).sort()).toEqual([yesterday, ...olds].sort());
});

test('a pending notification without an outbox row is announced, once', async () => {
  const stuckPending = await insert();
  await age(stuckPending, 3 * MINUTE);
  await Promise.all([duty().runOnce(), duty().runOnce()]);
  await duty().runOnce();
  expect(await announced()).toEqual([stuckPending]);
});

test('while older outbox rows of its lane wait, a pending notification is not reported as stuckPending', async () => {
  const waiting = await insert({ announced: true });
  await age(waiting, 10 * MINUTE);
  await bundle.db.sql`update outbox set created_at = now() - interval '10 minutes'`;
  const elsewhere = await insert({ channel: 'sms' });
  await age(elsewhere, 10 * MINUTE);
  expect(await duty().runOnce()).toBe(1);
  expect((await announced()).sort()).toEqual([waiting, elsewhere].sort());
});

test('one that is parked behind its ordering key is left to its ordering queue', async () => {
  const { sql } = bundle.db;
  const ids = await acceptInLine(sql, bundle.appId, [{ key: 'k' }, { key: 'k' }]);
  const lease = { leaseToken: randomUUID(), leaseMs: 30_000 };
  await claimNotifications(sql, ids, { channel: 'email', provider: 'smtp', ...lease });
  await explainRefusals(sql, [ids[1]!]);
  await sql`delete from outbox`;
  await sql`update notifications set created_at = created_at - interval '1 hour', updated_at = updated_at - interval '59 minutes'`;
  await duty().runOnce();
  expect(await announced()).toEqual([]);
});

test('a claim that no open attempt leads to becomes a visible doubt', async () => {
  const { sql } = bundle.db;
  const id = await insert();
  await claimNotifications(sql, [id], {
    channel: 'email',
    provider: 'smtp',
    leaseToken: randomUUID(),
    leaseMs: 0,
  });
  await sql`update delivery_attempts set outcome = 'in_doubt', finished_at = now() where notification_id = ${id}`;
  await age(id, 2 * MINUTE);
  await sql`update notifications set lease_until = now() - interval '59 seconds' where id = ${id}`;
  await duty().runOnce();
  expect((await stateOf(sql, id)).state).toBe('sending');
  await sql`update notifications set lease_until = now() - interval '61 seconds' where id = ${id}`;
  await duty().runOnce();
  expect(await stateOf(sql, id)).toMatchObject({ state: 'in_doubt', error_code: 'worker_lost' });
});

test('lost, stuckPending and stuckSending notifications of one window are repaired in one turn', async () => {
  const { sql } = bundle.db;
  const lost = await queued(10 * MINUTE);
  const stuckPending = await insert();
  await age(stuckPending, 10 * MINUTE);
  const stuckSending = await insert();
  const lease = { leaseToken: randomUUID(), leaseMs: 0 };
  await claimNotifications(sql, [stuckSending], { channel: 'email', provider: 'smtp', ...lease });
  await sql`update delivery_attempts set outcome = 'in_doubt', finished_at = now() where notification_id = ${stuckSending}`;
  await age(stuckSending, 10 * MINUTE);
  await sql`update notifications set lease_until = now() - interval '2 minutes' where id = ${stuckSending}`;
  expect(await duty().runOnce()).toBe(3);
  expect((await announced()).sort()).toEqual([lost, stuckPending].sort());
  expect((await stateOf(sql, stuckSending)).state).toBe('in_doubt');
});
