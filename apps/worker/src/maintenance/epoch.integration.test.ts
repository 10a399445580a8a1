import { lanesOf } from '@carillon/core/notification/lane';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { deleteKeys, keysOf } from '../../../../test/support/redis-keys.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { relayOnce } from '../relay.ts';
import { epoch } from './epoch.ts';

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
  await deleteKeys(bundle.redis, `*${bundle.namespace}*`);
};
/** Where an epoch is stored: one key on a server, one for each lane on a cluster. */
const epochKeys = () => keysOf(bundle.redis, `*${bundle.namespace}*epoch*`);
const epochsInRedis = async () =>
  Promise.all((await epochKeys()).map((key) => bundle.redis.get(key))).then((all) => all.toSorted());
const insert = (over: Partial<Parameters<typeof insertNotification>[1]> = {}) =>
  insertNotification(bundle.db.sql, { appId: bundle.appId, ...over });

test('a first start declares an epoch and rebuilds nothing', async () => {
  expect(await duty().runOnce()).toBe(0);
  const declared = await epochsInRedis();
  expect(declared.length).toBeGreaterThan(0);
  for (const each of declared) expect(each).toMatch(/^[0-9a-f-]{36}@[0-9a-f]{40}$/);
});

test('after Redis is lost every queued, retrying and released scheduled one gets a job again, for its own time', async () => {
  const queued = await insert();
  await relay();
  const inAnHour = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
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

test('a Redis that is another process than before may have lost its last writes: the lanes are rebuilt, at most every 30 s', async () => {
  const declaredElsewhere = async (secondsAgo: number) => {
    for (const key of await epochKeys()) await bundle.redis.set(key, 'x@another');
    await bundle.db.sql`
      update redis_epoch set epoch = 'x@another', rebuild_from = null,
        changed_at = now() - ${secondsAgo} * interval '1 second'`;
  };
  const id = await insert({ state: 'queued', queuedAt: new Date(Date.now() - 60_000), announced: false });
  await declaredElsewhere(20);
  expect(await duty().runOnce()).toBe(0);
  await declaredElsewhere(31);
  expect(await duty().runOnce()).toBeGreaterThan(0);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('pending');
  const rows = await bundle.db.sql<{ epoch: string }[]>`select epoch from redis_epoch`;
  expect(rows.map(({ epoch }) => epoch)).not.toContain('x@another');
  expect(rows.map(({ epoch }) => epoch).toSorted()).toEqual(await epochsInRedis());
});

test('a rebuild that was cut short is finished by the next turn', async () => {
  const id = await insert();
  await relay();
  await bundle.db
    .sql`update redis_epoch set changed_at = now() + interval '1 second', rebuild_from = now() - interval '3 hours'`;
  expect(await duty().runOnce()).toBeGreaterThan(0);
  expect((await stateOf(bundle.db.sql, id)).state).toBe('pending');
});

test('rows that a relay commits while the rebuild passes are found by a second look, and then the rebuild is over', async () => {
  const node = duty();
  await bundle.db.sql`update redis_epoch set changed_at = now(), rebuild_from = now() - interval '3 hours'`;
  await node.runOnce();
  const late = await insert({ state: 'queued', queuedAt: new Date(Date.now() - 60_000), announced: false });
  expect(await node.runOnce()).toBe(0);
  await bundle.db.sql`update redis_epoch set changed_at = now() - interval '16 seconds'`;
  expect(await node.runOnce()).toBe(1);
  expect((await stateOf(bundle.db.sql, late)).state).toBe('pending');
  expect(await bundle.db.sql`select distinct rebuild_from from redis_epoch`).toEqual([
    { rebuild_from: null },
  ]);
});

test('many are announced completely, each once, in whatever order they lie, by several nodes at once', async () => {
  const { sql } = bundle.db;
  await sql`delete from outbox`;
  await sql`delete from notifications`;
  await sql`
    insert into notifications (id, app_id, state, environment, priority, channel, route, address, content,
      idempotency_key, request_hash, queued_at, created_at)
    select gen_random_uuid(), ${bundle.appId}, 'queued', 'test', 'bulk', 'email', '{email}', '{"email": "a@b.test"}',
      '{"text": "Hello"}', i::text, '\\x00', now() - interval '1 minute', at
    from (
      -- Most at one moment, as a batch is accepted; the rest scattered over days.
      select i, date_trunc('hour', now()) - case when i % 3 = 0 then random() * interval '3 days' else interval '0' end as at
      from generate_series(1, 9000) i order by random()
    ) many`;
  await loseRedis();
  const rebuilt = await Promise.all([duty().runOnce(), duty().runOnce()]);
  expect(rebuilt.reduce((sum, count) => sum + count, 0)).toBe(9000);
  const [row] = await sql`
    select count(*)::int as announced, count(distinct each)::int as different from outbox, unnest(ids) as each`;
  expect(row).toEqual({ announced: 9000, different: 9000 });
  expect(await sql`select distinct state from notifications`).toEqual([{ state: 'pending' }]);
}, 120_000);
