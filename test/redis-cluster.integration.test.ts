import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LANES } from '@carillon/core/notification/lane';
import { parseRedisAddress, whereIs } from '@carillon/core/program/redis-address';
import { producerConnection, subscriberConnection, workerConnection } from '@carillon/queue/connection';
import { inboxKey, inboxPublisher, inboxSubscriber } from '@carillon/queue/inbox-signals';
import { createProducer } from '@carillon/queue/producer';
import { createLaneReader } from '@carillon/queue/read-lanes';
import { readMemory, refuseUnfitRedis, serversOf } from '@carillon/queue/redis-servers';
import { prefixOf } from '@carillon/queue/topology';
import { watchWrites } from '@carillon/queue/write-watch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkRedis } from '../apps/admin/src/doctor/redis.ts';
import { startCluster, type TestCluster } from './support/redis-cluster.ts';
import { until } from './support/until.ts';

/** A Redis Cluster of three masters with a replica each; the tests go on with what the one before has left. */
const NAMESPACE = 'clustered';
let dir: string;
let cluster: TestCluster;
const open: { disconnect(): void }[] = [];

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-cluster-'));
  cluster = await startCluster(dir);
}, 120_000);
afterAll(async () => {
  for (const each of open) each.disconnect();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

const opened = <Client extends { disconnect(): void }>(client: Client): Client => {
  open.push(client);
  return client;
};
const levels = (findings: Awaited<ReturnType<typeof checkRedis>>) =>
  Object.fromEntries(findings.map(({ check, level }) => [check, level]));

test('lanes lie on different masters, and are filled and read through one connection', async () => {
  const redis = opened(producerConnection(cluster.url, 'test'));
  await until('the cluster', () => redis.status === 'ready');
  const producer = createProducer(redis, NAMESPACE);
  await Promise.all(LANES.map((lane) => producer.publish(lane, { ids: [`${lane}-1`, `${lane}-2`] })));
  const owners = new Set<number>();
  for (const lane of LANES) owners.add((await cluster.pairOf(prefixOf(lane, NAMESPACE))).master.port);
  expect(owners.size).toBe(3);
  const reader = createLaneReader(redis, NAMESPACE);
  const lanes = await reader.read();
  expect(lanes?.filter(({ waiting }) => waiting === 2)).toHaveLength(LANES.length);
  await Promise.all([reader.close(), producer.close()]);
});

test('signals of inboxes reach a subscriber at any node', async () => {
  const heard: string[] = [];
  const redis = opened(subscriberConnection(cluster.url, 'test'));
  const subscriber = inboxSubscriber(redis, NAMESPACE, (key) => heard.push(key));
  const producer = opened(producerConnection(cluster.url, 'test'));
  await until('both', () => subscriber.isLive() && producer.status === 'ready');
  const owner = { appId: crypto.randomUUID(), environment: 'live', recipientId: 'ada' } as const;
  subscriber.add(inboxKey(owner));
  await until('the look after the subscription', () => heard.length === 1);
  inboxPublisher(producer, NAMESPACE)(owner);
  await until('the signal', () => heard.length === 2);
});

test('a program that is given one node of a cluster refuses it and says how to write REDIS_URL', async () => {
  const redis = opened(workerConnection(`redis://127.0.0.1:${cluster.nodes[0]!.port}`, 'test'));
  await expect(refuseUnfitRedis(redis)).rejects.toThrow(/names a single server: write several of its nodes/);
  const watch = watchWrites(redis, NAMESPACE);
  const owners = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (name) => {
      await watchWrites(redis, name).look();
      return watchWrites(redis, name);
    }),
  );
  await Promise.all([...owners, watch].map((each) => each.look()));
  const problems = [...owners, watch].flatMap((each) => each.trouble()?.problem.message ?? []);
  expect(problems[0]).toMatch(/is a node of a Redis Cluster, and REDIS_URL names a single server/);
});

test('the doctor looks at each master, at the slots and at the replicas', async () => {
  expect(levels(await checkRedis(cluster.url))).toMatchObject({
    'redis version': 'ok',
    'redis maxmemory-policy': 'ok',
    'redis writes': 'ok',
    'redis cluster': 'ok',
    'redis replicas': 'ok',
  });
});

test('a master that dies is replaced, and one line of trouble names the cluster meanwhile', async () => {
  const redis = opened(producerConnection(cluster.url, 'test'));
  await until('the cluster', () => redis.status === 'ready');
  const watch = watchWrites(redis, NAMESPACE);
  expect(await watch.look()).toBe('ok');
  const { master } = await cluster.pairOf(prefixOf('email-normal', NAMESPACE));
  master.signal('SIGKILL');
  await until('the trouble', async () => (await watch.look()) !== 'ok');
  const trouble = watch.trouble()!;
  const where = whereIs(parseRedisAddress(cluster.url) as never).replace('redis://', '');
  expect(trouble.logged.sentence).toContain(where);
  expect(trouble.problem.message).not.toContain('127.0.0.1');
  await until('its replica to take over', async () => (await watch.look()) === 'ok', { timeoutMs: 60_000 });
  expect(watch.trouble()).toBeNull();
  const late = await checkRedis(cluster.url);
  expect(levels(late)).toMatchObject({ 'redis cluster': 'ok', 'redis replicas': 'warning' });
  await cluster.restart(master);
  await until('the old master to follow', async () =>
    (await checkRedis(cluster.url)).every(({ level }) => level === 'ok'),
  );
});

test('memory is that of the fullest master', async () => {
  const redis = opened(producerConnection(cluster.url, 'test'));
  await until('the cluster', () => redis.status === 'ready');
  const used = await Promise.all(
    serversOf(redis).map(async (server) =>
      Number(/^used_memory:(\d+)/m.exec(await server.info('memory'))![1]),
    ),
  );
  const { usedBytes, maxBytes } = await readMemory(redis);
  expect(maxBytes).toBe(0);
  expect(usedBytes).toBeGreaterThan(Math.min(...used) * 0.9);
});
