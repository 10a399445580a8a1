import { randomUUID } from 'node:crypto';
import { type Job, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestRedis, testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import type { RedisClient } from './connection.ts';
import { producerConnection, workerConnection } from './connection.ts';
import { type Consumer, consume, type Work } from './consumer.ts';
import { JOB_NAMES, JOB_VERSION, type JobData } from './job-data.ts';
import { createProducer, type Producer } from './producer.ts';
import { prefixOf } from './topology.ts';

const LANE = 'email-normal';
let server: TestRedis;
let redis: RedisClient;
let ours: RedisClient;
let producer: Producer;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = testRedis();
  redis = producerConnection(server.url, 'test');
  ours = workerConnection(server.url, 'test');
  await until('Redis to answer', () => redis.status === 'ready');
  producer = createProducer(redis, server.namespace);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await producer.queue(LANE).obliterate({ force: true });
});
afterAll(async () => {
  await producer.close();
  redis.disconnect();
  ours.disconnect();
  await server.clean();
});

/** A consumer of this version; the work it handled, and the newer versions it reported. */
function thisVersion() {
  const handled: JobData[] = [];
  const newer: number[] = [];
  const errors: unknown[] = [];
  const consumer: Consumer = consume({
    lane: LANE,
    connection: ours,
    namespace: server.namespace,
    handle: async ({ data }: Work) => {
      handled.push(data);
      return { verdict: 'done' };
    },
    onNewer: (version) => newer.push(version),
    onError: (error) => errors.push(error),
  });
  open.push(consumer);
  return { handled, newer, errors };
}

/** A job as a newer release would make it. */
const ofNextVersion = (jobId = randomUUID()) => {
  const data = { v: JOB_VERSION + 1, of: { id: jobId }, hint: 'unheard of' };
  return producer.queue(LANE).add(JOB_NAMES.deliver, data as unknown as JobData, { jobId });
};

test('a job of a newer version waits for a newer worker, and the others do not wait for it', async () => {
  const foreign = await Promise.all([ofNextVersion(), ofNextVersion(), ofNextVersion()]);
  const ids = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await producer.publish(LANE, { ids: ids.slice(0, 2) });
  await producer.publish(LANE, { ids: ids.slice(2), chunk: true });
  const { handled, newer, errors } = thisVersion();
  await until('the jobs of this version to be handled', () => handled.length === 3);
  const states = () => Promise.all(foreign.map((job) => job.getState()));
  await until('the others to be put back', async () =>
    (await states()).every((state) => state === 'delayed'),
  );
  expect(handled).toHaveLength(3);
  // Reported once, however many there are.
  expect([newer, errors]).toEqual([[JOB_VERSION + 1], []]);

  const kept = await producer.queue(LANE).getJob(foreign[0]!.id!);
  expect(kept).toMatchObject({ data: foreign[0]!.data, attemptsMade: 0 });
  expect(kept!.delay).toBeGreaterThan(20_000);

  const understood: unknown[] = [];
  const nextVersion = new Worker(LANE, async (job: Job) => void understood.push(job.data), {
    connection: ours,
    prefix: prefixOf(LANE, server.namespace),
  });
  open.push(nextVersion);
  // Their time comes; whichever worker takes one first, a newer one has all of them in the end.
  await until('the newer worker to have them', async () => {
    for (const job of foreign) if ((await job.getState()) === 'delayed') await job.promote().catch(() => {});
    return understood.length === 3;
  });
  expect(understood).toEqual(expect.arrayContaining(foreign.map(({ data }) => data)));
});

test('a payload that no version ever made fails visibly', async () => {
  const broken = [{ v: 1 }, { v: 1, id: 'no uuid' }, { v: 0, id: randomUUID() }, { v: '2' }, {}];
  const jobs = await Promise.all(
    broken.map((data) => producer.queue(LANE).add(JOB_NAMES.deliver, data as unknown as JobData)),
  );
  const { handled, newer } = thisVersion();
  for (const job of jobs) await until('it to fail', async () => (await job.getState()) === 'failed');
  expect([handled, newer]).toEqual([[], []]);
});
