import path from 'node:path';
import { freePort } from '@carillon/local/ports';
import { startRedis } from '@carillon/local/redis';
import { findRedis } from '@carillon/local/redis-binary';
import { Redis } from 'ioredis';
import { tcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

/** Two Redis servers and one address for both: a failover that leaves every open socket at the old one. */
export interface RedisPair {
  /** Leads to the server that takes writes. A connection that is open stays with the server it was opened to. */
  url: string;
  /** URL of the server that takes writes now. */
  writable(): string;
  /** URL of the other one, which replicates it. */
  replica(): string;
  /**
   * The replica takes over, and the address leads to it. The other one becomes its replica.
   *
   * @param meanwhile runs after the replica has stopped following: what it writes is lost
   */
  failOver(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/carillon');
const FOLLOW_TIMEOUT_MS = 60_000;

/** @param dir where both keep their data and logs; it must exist */
export async function startRedisPair(dir: string): Promise<RedisPair> {
  const binary = findRedis(CACHE, () => {});
  const start = async (name: string) =>
    startRedis({
      binary,
      dir: path.join(dir, name),
      port: await freePort(),
      logFile: path.join(dir, `${name}.log`),
    });
  const first = await start('redis-a');
  const second = await start('redis-b');
  const address = await tcpProxy(first.port);
  let [master, replica] = [first, second];
  await follow(replica.port, master.port);
  return {
    url: localRedis(address.port),
    writable: () => master.url,
    replica: () => replica.url,
    async failOver(meanwhile) {
      await handOver(master.port, replica.port, address.lead, meanwhile);
      [master, replica] = [replica, master];
    },
    async stop() {
      await address.close();
      await Promise.all([first.stop(), second.stop()]);
    },
  };
}

/** Makes one Redis on this machine the replica of another. Resolves when it has a copy of everything. */
export async function follow(port: number, ofPort: number): Promise<void> {
  await asked(port, async (redis) => {
    await redis.replicaof('127.0.0.1', ofPort);
    await until(
      'the replica to follow',
      async () => (await redis.info('replication')).includes('master_link_status:up'),
      { timeoutMs: FOLLOW_TIMEOUT_MS },
    );
  });
}

/**
 * A failover as an operator does it: the replica takes writes, the old one becomes its replica and keeps every socket. What
 * was written to the old one in between is lost, as in any failover of Redis.
 *
 * @param lead makes new connections lead to a port
 * @param meanwhile makes "in between" longer
 */
export async function handOver(
  from: number,
  to: number,
  lead: (port: number) => void,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  await follow(to, from);
  await asked(to, (redis) => redis.replicaof('NO', 'ONE'));
  await meanwhile?.();
  await asked(from, (redis) => redis.replicaof('127.0.0.1', to));
  lead(to);
}

async function asked<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(localRedis(port), { connectionName: 'admin', maxRetriesPerRequest: 5 });
  redis.on('error', () => {});
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

const localRedis = (port: number): string => `redis://127.0.0.1:${port}`;
