import { lanesOf } from '@carillon/core/notification/lane';
import { producerConnection, workerConnection } from '@carillon/queue/connection';
import { consume } from '@carillon/queue/consumer';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../test/support/rows.ts';
import { until } from '../../../test/support/until.ts';
import { relayOnce, startRelay } from './relay.ts';

let bundle: LaneBundle;
let db: LaneBundle['db'];
let producer: Producer;
let appId: string;

beforeAll(async () => {
  bundle = await laneBundle();
  ({ db, producer, appId } = bundle);
});
afterEach(async () => {
  for (const lane of lanesOf(['critical', 'normal', 'bulk']))
    await producer.queue(lane).obliterate({ force: true });
  await db.sql`delete from outbox`;
});
afterAll(() => bundle.close());

const turn = (priority: 'critical' | 'normal' | 'bulk' = 'normal', using = producer) =>
  relayOnce({ sql: db.sql, producer: using, lanes: lanesOf([priority]), batchRows: 20 });
const jobIds = async (lane: Parameters<Producer['queue']>[0]) =>
  (await producer.queue(lane).getJobs(['waiting', 'delayed'])).map((job) => job.id);
const withDelayed = (delayed: number): Producer => ({
  ...producer,
  depth: async () => ({ waiting: 0, delayed, active: 0 }),
});
const outboxRows = async () => (await db.sql`select id from outbox`).length;

test('a lone notification becomes one job whose id is the notification’s', async () => {
  const id = await insertNotification(db.sql, { appId });
  expect(await turn()).toBe(1);
  expect(await jobIds('email-normal')).toEqual([id]);
  expect((await stateOf(db.sql, id)).state).toBe('queued');
  expect(await outboxRows()).toBe(0);
});

test('a backlog travels in chunks of a hundred, except on critical lanes', async () => {
  for (const priority of ['bulk', 'critical'] as const) {
    const ids = await Promise.all(
      Array.from({ length: 250 }, () => insertNotification(db.sql, { appId, priority, announced: false })),
    );
    for (let k = 0; k < 250; k += 100)
      await db.sql`insert into outbox (lane, ids) values (${`email-${priority}`}, ${ids.slice(k, k + 100)}::uuid[])`;
    await turn(priority);
  }
  expect(await producer.queue('email-bulk').getJobCountByTypes('wait')).toBe(3);
  expect(await producer.queue('email-critical').getJobCountByTypes('wait')).toBe(250);
});

test('several concurrent relays publish each notification once', async () => {
  const ids = await Promise.all(
    Array.from({ length: 60 }, () => insertNotification(db.sql, { appId, priority: 'critical' })),
  );
  const moved = await Promise.all([1, 2, 3, 4].map(() => turn('critical')));
  expect(moved.reduce((sum, count) => sum + count, 0)).toBe(60);
  expect((await jobIds('email-critical')).sort()).toEqual(ids.sort());
});

test('rows whose jobs could not be put into Redis stay in the outbox', async () => {
  const id = await insertNotification(db.sql, { appId });
  const away = producerConnection('redis://127.0.0.1:1', 'nobody');
  const nowhere = createProducer(away, bundle.namespace);
  await expect(turn('normal', nowhere)).rejects.toThrow();
  // Redis may also die between the look at its depth and the publish: the transaction takes the rows back.
  const dying: Producer = { ...nowhere, depth: producer.depth };
  await expect(turn('normal', dying)).rejects.toThrow();
  away.disconnect();
  expect(await outboxRows()).toBe(1);
  expect((await stateOf(db.sql, id)).state).toBe('pending');
});

test('a full lane is left alone while the others go on', async () => {
  await insertNotification(db.sql, { appId });
  await insertNotification(db.sql, { appId, channel: 'sms' });
  const full: Producer = {
    ...producer,
    depth: async (lane) => ({ waiting: lane === 'email-normal' ? 10_000 : 0, delayed: 0, active: 0 }),
  };
  expect(await turn('normal', full)).toBe(1);
  expect(await db.sql`select lane from outbox`).toEqual([{ lane: 'email-normal' }]);
});

test('a lane whose delayed set is full takes only due jobs, and nothing at all at twice that size', async () => {
  const soon = new Date(Date.now() + 60_000);
  const planned = { state: 'scheduled', nextAttemptAt: soon, sendAt: soon, announced: true } as const;
  for (const priority of ['normal', 'bulk'] as const) {
    await insertNotification(db.sql, { appId, priority });
    await insertNotification(db.sql, { appId, priority, ...planned });
    expect(await turn(priority, withDelayed(20_000))).toBe(0);
    expect(await turn(priority, withDelayed(19_999))).toBe(1);
    expect(await turn(priority, withDelayed(10_000))).toBe(0);
    expect(await turn(priority, withDelayed(9_999))).toBe(1);
  }
});

test('a critical lane takes due notifications, however many of its jobs are delayed', async () => {
  await insertNotification(db.sql, { appId, priority: 'critical' });
  expect(await turn('critical', withDelayed(1_000_000))).toBe(1);
});

test('notifications due within the horizon become delayed jobs, later ones stay in the outbox', async () => {
  const soon = new Date(Date.now() + 60_000);
  const late = new Date(Date.now() + 3_600_000);
  const near = await insertNotification(db.sql, {
    appId,
    state: 'scheduled',
    nextAttemptAt: soon,
    sendAt: soon,
    announced: true,
  });
  await insertNotification(db.sql, {
    appId,
    state: 'scheduled',
    nextAttemptAt: late,
    sendAt: late,
    announced: true,
  });
  expect(await turn()).toBe(1);
  const [job] = await producer.queue('email-normal').getDelayed();
  expect(job?.id).toBe(near);
  expect(job!.delay).toBeGreaterThan(50_000);
  expect((await stateOf(db.sql, near)).state).toBe('scheduled');
});

test('a resumed notification replaces its old failed job', async () => {
  const id = await insertNotification(db.sql, { appId, announced: false });
  await producer.publish('email-normal', { ids: [id], delayMs: 3_600_000 });
  await db.sql`insert into outbox (kind, lane, ids) values ('delivery.resumed', 'email-normal', array[${id}::uuid])`;
  await turn();
  expect(await producer.queue('email-normal').getJobState(id)).toBe('waiting');
});

test('many resumed ones, as after a loss of Redis, travel in chunks like any backlog', async () => {
  const ids = await Promise.all(
    Array.from({ length: 100 }, () =>
      insertNotification(db.sql, { appId, priority: 'bulk', announced: false }),
    ),
  );
  await db.sql`insert into outbox (kind, lane, ids) values ('delivery.resumed', 'email-bulk', ${ids}::uuid[])`;
  await turn('bulk');
  const jobs = await producer.queue('email-bulk').getWaiting();
  expect(jobs.map((job) => job.name)).toEqual(['chunk']);
});

test('a resumed notification whose old job is active gets another job in addition', async () => {
  const id = await insertNotification(db.sql, { appId, announced: false });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handled: string[] = [];
  const connection = workerConnection(bundle.redisUrl, 'test');
  const consumer = consume({
    lane: 'email-normal',
    connection,
    namespace: bundle.namespace,
    onError: () => {},
    handle: async () => {
      handled.push('begun');
      if (handled.length === 1) await held;
      return { verdict: 'done' };
    },
  });
  await producer.publish('email-normal', { ids: [id] });
  await until('the first job to begin', () => handled.length === 1);
  await db.sql`insert into outbox (kind, lane, ids) values ('delivery.resumed', 'email-normal', array[${id}::uuid])`;
  await turn();
  await until('the second job to be handled', () => handled.length === 2);
  release();
  await consumer.close();
  connection.disconnect();
});

test('a finished job that is kept for Bull Board never suppresses a resumed one, single or chunk', async () => {
  const ids = await Promise.all(
    Array.from({ length: 3 }, () => insertNotification(db.sql, { appId, announced: false })),
  );
  const handled: string[][] = [];
  let release = (): void => {};
  const connection = workerConnection(bundle.redisUrl, 'test');
  const consumer = consume({
    lane: 'email-normal',
    connection,
    namespace: bundle.namespace,
    onError: () => {},
    handle: async ({ data }) => {
      handled.push('ids' in data ? data.ids : 'id' in data ? [data.id] : []);
      // The first single job is still in hand when its second and third are announced.
      if (handled.length === 3)
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      return { verdict: 'done' };
    },
  });
  const resume = async (...some: string[]) => {
    await db.sql`insert into outbox (kind, lane, ids) values ('delivery.resumed', 'email-normal', ${some}::uuid[])`;
    await turn();
  };
  for (let round = 1; round <= 2; round++) {
    await resume(...ids);
    await until('the chunk to be handled', () => handled.length === round);
    await until('it to be finished', async () => (await producer.depth('email-normal')).active === 0);
  }
  for (let round = 3; round <= 5; round++) {
    await resume(ids[0]!);
    await until('the single job to be handled', () => handled.length === round);
    await until('all but the held one to be finished', async () => {
      return (await producer.depth('email-normal')).active === 1;
    });
  }
  expect(handled).toEqual([ids, ids, [ids[0]], [ids[0]], [ids[0]]]);
  release();
  await consumer.close();
  connection.disconnect();
});

test('a relay is woken by the wake-up signal, and finds rows without it too', async () => {
  const errors: unknown[] = [];
  const relay = startRelay({
    sql: db.sql,
    listen: db.listen,
    producer,
    priority: 'critical',
    onError: (error) => errors.push(error),
  });
  const rung = await insertNotification(db.sql, { appId, priority: 'critical' });
  await db.sql`select pg_notify('carillon_outbox', 'critical')`;
  await until('the rung one', async () => (await stateOf(db.sql, rung)).state === 'queued');
  const silent = await insertNotification(db.sql, { appId, priority: 'critical' });
  await until('the silent one', async () => (await stateOf(db.sql, silent)).state === 'queued');
  await relay.stop();
  expect(errors).toEqual([]);
});
