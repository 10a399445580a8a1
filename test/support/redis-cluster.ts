import path from 'node:path';
import { freePort, isFree } from '@carillon/local/ports';
import { type LocalRedis, startRedis } from '@carillon/local/redis';
import { findRedis } from '@carillon/local/redis-binary';
import { Redis } from 'ioredis';
import { until } from './until.ts';

/** A real Redis Cluster on this machine: masters that share the slots, and a replica of each. */
export interface TestCluster {
  /** In the form of `REDIS_URL`, with every node. */
  url: string;
  nodes: readonly ClusterNode[];
  /** The master that serves the slot of a key now, and its replica, if it has one that runs. */
  pairOf(key: string): Promise<{ master: ClusterNode; replica: ClusterNode | null }>;
  /** Starts nodes that have ended again, on what is left of their data. */
  restart(...nodes: ClusterNode[]): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterNode {
  port: number;
  pid(): number;
  /** Sends it a signal: SIGKILL ends it, SIGSTOP makes it silent. */
  signal(signal: NodeJS.Signals): void;
}

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/carillon');
const SLOTS = 16_384;
/** So soon a silent master counts as failed. */
const NODE_TIMEOUT_MS = 2_000;
const READY_TIMEOUT_MS = 60_000;
/** The nodes talk to each other on their port + this. */
const BUS_OFFSET = 10_000;

/** @param dir where the nodes keep their data and logs; it must exist. */
export async function startCluster(dir: string, { masters = 3, replicas = true } = {}): Promise<TestCluster> {
  const binary = findRedis(CACHE, () => {});
  const running = new Map<number, LocalRedis>();
  const start = async (port: number): Promise<void> => {
    const name = `node-${port}`;
    const settings = {
      'cluster-enabled': 'yes',
      'cluster-config-file': 'nodes.conf',
      'cluster-node-timeout': String(NODE_TIMEOUT_MS),
      'cluster-replica-validity-factor': '0',
      'cluster-require-full-coverage': 'no',
    };
    const logFile = path.join(dir, `${name}.log`);
    running.set(port, await startRedis({ binary, dir: path.join(dir, name), port, logFile, settings }));
  };
  const ports: number[] = [];
  for (let n = 0; n < masters * (replicas ? 2 : 1); n++) ports.push(await clusterPort());
  await Promise.all(ports.map(start));
  await join(ports, masters);
  const nodes = ports.map((port) => ({
    port,
    pid: () => running.get(port)!.pid,
    signal: (signal: NodeJS.Signals) => void process.kill(running.get(port)!.pid, signal),
  }));
  const nodeAt = (port: number): ClusterNode => nodes.find((node) => node.port === port)!;
  return {
    url: `redis://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    async pairOf(key) {
      const [master, replica] = await Promise.any(
        ports.map((port) =>
          ask(port, async (redis) => {
            const slot = await redis.cluster('KEYSLOT', key);
            const [, , ...nodes] = (await rangesOf(redis)).find(([from, to]) => from <= slot && slot <= to)!;
            return nodes.map(([, each]) => each);
          }),
        ),
      );
      return { master: nodeAt(master!), replica: replica === undefined ? null : nodeAt(replica) };
    },
    async restart(...ended) {
      await Promise.all(
        ended.map(async ({ port }) => {
          await running.get(port)!.ended;
          await start(port);
        }),
      );
      await Promise.all(ended.map(({ port }) => untilOk(port, ports.length)));
    },
    async stop() {
      await Promise.all(
        [...running.values()].map(async (redis) => {
          try {
            process.kill(redis.pid, 'SIGCONT');
          } catch {
            // It has ended.
          }
          await redis.stop();
        }),
      );
    },
  };
}

async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isFree(port + BUS_OFFSET)) return port;
  }
}

/** What `redis-cli --cluster create` does. https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/ */
async function join(ports: readonly number[], masters: number): Promise<void> {
  const [first] = ports as [number, ...number[]];
  const share = Math.ceil(SLOTS / masters);
  await Promise.all(
    ports.map((port, n) =>
      ask(port, async (redis) => {
        await redis.cluster('SET-CONFIG-EPOCH', n + 1);
        if (n < masters)
          await redis.call('cluster', 'addslotsrange', n * share, Math.min((n + 1) * share, SLOTS) - 1);
      }),
    ),
  );
  for (const port of ports.slice(1)) await ask(first, (redis) => redis.cluster('MEET', '127.0.0.1', port));
  await Promise.all(ports.map((port) => untilKnown(port, ports.length)));
  const ids = await Promise.all(ports.map((port) => ask(port, (redis) => redis.cluster('MYID'))));
  await Promise.all(
    ports
      .slice(masters)
      .map((port, n) => ask(port, (redis) => redis.cluster('REPLICATE', ids[n]! as string))),
  );
  await Promise.all(ports.map((port) => untilOk(port, ports.length)));
  if (ports.length > masters)
    await until(
      'every master to have a replica',
      () => ask(first, async (redis) => (await rangesOf(redis)).every(([, , ...nodes]) => nodes.length > 1)),
      { timeoutMs: READY_TIMEOUT_MS },
    );
}

const untilKnown = (port: number, count: number) =>
  untilInfo(port, `node ${port} to know the others`, (info) =>
    info.includes(`cluster_known_nodes:${count}\r`),
  );

const untilOk = (port: number, count: number) =>
  untilInfo(
    port,
    `node ${port} to call the cluster ok`,
    (info) =>
      info.includes('cluster_state:ok') &&
      info.includes(`cluster_slots_ok:${SLOTS}\r`) &&
      info.includes(`cluster_known_nodes:${count}\r`),
  );

function untilInfo(port: number, what: string, isMet: (info: string) => boolean): Promise<unknown> {
  return until(what, () => ask(port, async (redis) => isMet(String(await redis.cluster('INFO')))), {
    timeoutMs: READY_TIMEOUT_MS,
  });
}

/** [first slot, last slot, master, replicas]. https://redis.io/docs/latest/commands/cluster-slots/ */
type Range = [from: number, to: number, ...nodes: [host: string, port: number][]];

async function rangesOf(redis: Redis): Promise<Range[]> {
  return (await redis.cluster('SLOTS')) as unknown as Range[];
}

async function ask<T>(port: number, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 1, commandTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
