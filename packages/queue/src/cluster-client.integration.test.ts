import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../../../test/support/redis-cluster.ts';
import { until } from '../../../test/support/until.ts';
import { ClusterClient } from './cluster-client.ts';

/** A cluster that is not ready while a slot is served by nobody. */
let dir: string;
let cluster: TestCluster;
/** Of the first node, which has slot 0. */
let node: Redis;
const nodes: Redis[] = [];

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-cluster-'));
  cluster = await startCluster(dir, { replicas: false });
  for (const { port } of cluster.nodes) {
    node = new Redis(port, '127.0.0.1');
    nodes.push(node);
    await node.config('SET', 'cluster-require-full-coverage', 'yes');
  }
  [node] = nodes as [Redis];
}, 120_000);
afterAll(async () => {
  for (const each of nodes) each.disconnect();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function becomes(state: 'ok' | 'fail'): Promise<void> {
  if (state === 'ok') await node.cluster('ADDSLOTS', 0);
  // That nobody serves a slot is not passed on.
  else for (const each of nodes) await each.cluster('DELSLOTS', 0);
  await Promise.all(
    nodes.map((each) =>
      until(`the cluster to be ${state}`, async () =>
        String(await each.cluster('INFO')).includes(`cluster_state:${state}`),
      ),
    ),
  );
}

function closedClient(): ClusterClient {
  const client = new ClusterClient([{ host: '127.0.0.1', port: cluster.nodes[0]!.port }], {
    lazyConnect: true,
    clusterRetryStrategy: () => 50,
    redisOptions: { maxRetriesPerRequest: null, connectionName: 'first' },
  });
  client.on('error', () => {});
  return client;
}

test('connecting to a cluster that is not ready yet ends when it is', async () => {
  await becomes('fail');
  const client = closedClient();
  const connected = client.connect();
  let tries = 0;
  client.on('reconnecting', () => tries++);
  await until('a second try', () => tries > 1);
  await becomes('ok');
  await connected;
  expect(await client.get('key')).toBeNull();
  client.disconnect();
});

test('a duplicate is a client of the same kind, with its own name and the other options', async () => {
  const client = closedClient();
  const twin = client.duplicate([], { redisOptions: { connectionName: 'second' } });
  expect(twin).toBeInstanceOf(ClusterClient);
  expect(twin.options.redisOptions).toMatchObject({ connectionName: 'second', maxRetriesPerRequest: null });
  await twin.connect();
  expect(await twin.get('key')).toBeNull();
  expect(client.status).toBe('wait');
  for (const each of [client, twin]) each.disconnect();
});
