import { lanesOf } from '@carillon/core/lane';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { relayOnce } from '../relay.ts';
import { epoch } from './epoch.ts';
import { sweep } from './sweep.ts';

let bundle: LaneBundle;
beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());

const duty = () =>
  epoch({ sql: bundle.db.sql, redis: bundle.redis, namespace: bundle.namespace, wake: () => {} });
const relay = () =>
  relayOnce({ sql: bundle.db.sql, producer: bundle.producer, lanes: lanesOf(['normal']), batchRows: 100 });
const loseRedis = async () => {
  for await (const keys of bundle.redis.scanStream({ match: `*${bundle.namespace}*` }))
    if (keys.length > 0) await bundle.redis.del(...(keys as string[]));
};
const insert = (over: Partial<Parameters<typeof insertNotification>[1]> = {}) =>
  insertNotification(bundle.db.sql, { appId: bundle.appId, ...over });

test('a first start declares an epoch and rebuilds nothing', async () => {
  expect(await duty().runOnce()).toBe(0);
  expect(await bundle.redis.get(`{${bundle.namespace}:epoch}`)).toMatch(/^[0-9a-f-]{36}$/);
});

test('after Redis is lost every queued, retrying and released scheduled one gets a job again, for its own time', async () => {
  const queued = await insert();
  await relay();
  const inAnHour = new Date(Date.now() + 3_600_000);
  const past = new Date(Date.now() - 60_000);
  const retrying = await insert({ state: 'retrying', nextAttemptAt: inAnHour, queuedAt: past });
  const released = await insert({ state: 'scheduled', nextAttemptAt: inAnHour, queuedAt: past });
  const farOff = await insert({ state: 'scheduled', nextAttemptAt: inAnHour });
  await loseRedis();

  const rebuilt = await Promise.all([duty().runOnce(), duty().runOnce(), duty().runOnce()]);
  expect(rebuilt.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect((await stateOf(bundle.db.sql, queued)).state).toBe('pending');
  const announced = await bundle.db.sql<
    { ids: string[]; available_at: Date | null }[]
  >`select ids, available_at from outbox`;
  const dueOf = (id: string) => announced.find((row) => row.ids.includes(id))?.available_at;
  expect(dueOf(queued)).toBeNull();
  expect(dueOf(retrying)).toEqual(inAnHour);
  expect(dueOf(released)).toEqual(inAnHour);
  expect(dueOf(farOff)).toBeUndefined();

  await relay();
  expect(await bundle.producer.queue('email-normal').getJobState(queued)).toBe('waiting');
  expect(await duty().runOnce()).toBe(0);
});

test('a rebuild that was cut short is finished by the next turn', async () => {
  const id = await insert();
  await relay();
  await bundle.db
    .sql`update redis_epoch set changed_at = now() + interval '1 second', rebuild_from = now() - interval '3 hours'`;
  expect(await duty().runOnce()).toBeGreaterThan(0);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('pending');
  expect(await bundle.db.sql`select rebuild_from from redis_epoch`).toEqual([{ rebuild_from: null }]);
});

test('a single job deleted by hand is missed by the sweep once its lane is empty', async () => {
  await bundle.db.sql`delete from outbox`;
  for (const lane of lanesOf(['normal'])) await bundle.producer.queue(lane).obliterate({ force: true });
  const id = await insert({ state: 'queued', queuedAt: new Date(), announced: false });
  const later = () => Date.now() + 60_000;
  const service = sweep({ sql: bundle.db.sql, producer: bundle.producer, wake: () => {}, now: later });
  await service.runOnce();
  expect((await stateOf(bundle.db.sql, id)).state).toBe('pending');
  expect(await bundle.db.sql`select 1 from outbox where ${id} = any (ids)`).toHaveLength(1);
});

test('while its lane has work, a queued notification is not called lost', async () => {
  const waiting = await insert({ state: 'queued', queuedAt: new Date(), announced: false });
  await bundle.producer.publish('email-normal', { ids: [waiting] });
  const service = sweep({
    sql: bundle.db.sql,
    producer: bundle.producer,
    wake: () => {},
    now: () => Date.now() + 60_000,
  });
  await service.runOnce();
  expect((await stateOf(bundle.db.sql, waiting)).state).toBe('queued');
});
