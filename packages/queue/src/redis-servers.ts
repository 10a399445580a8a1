import { StartError } from '@carillon/core/program/explain-failure';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connection.ts';

/** The servers that hold the keys: the masters of a cluster, otherwise the one server. */
export function serversOf(redis: RedisClient): Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

/**
 * Redis must never evict: a lane whose keys vanish under memory pressure is a lane that loses work. And a node of a
 * cluster must be used as one: to a client that does not know the cluster most keys are elsewhere.
 *
 * @throws {StartError} with the remedy.
 */
export async function refuseUnfitRedis(redis: RedisClient): Promise<void> {
  for (const server of serversOf(redis)) {
    const info = await server.info();
    const policy = fieldOf(info, 'maxmemory_policy');
    if (policy !== undefined && policy !== 'noeviction')
      throw new StartError(
        `Redis evicts keys (maxmemory-policy is ${policy}); queues need noeviction. Set "maxmemory-policy noeviction", or give the queues a Redis of their own.`,
      );
    if (fieldOf(info, 'redis_mode') === 'cluster' && server === redis)
      throw new StartError(
        'Redis is a node of a Redis Cluster, and REDIS_URL names a single server: write several of its nodes, as in redis://host1:6379,host2:6379,host3:6379, or begin with redis+cluster://.',
      );
  }
}

/**
 * @returns the memory that Redis uses and may use, in bytes, of the fullest server of a cluster; `maxBytes` 0 is without a
 *   bound.
 */
export async function readMemory(redis: RedisClient): Promise<{ usedBytes: number; maxBytes: number }> {
  const all = await Promise.all(
    serversOf(redis).map(async (server) => {
      const info = await server.info('memory');
      return {
        usedBytes: Number(fieldOf(info, 'used_memory') ?? 0),
        maxBytes: Number(fieldOf(info, 'maxmemory') ?? 0),
      };
    }),
  );
  const shareOf = ({ usedBytes, maxBytes }: (typeof all)[number]) => usedBytes / (maxBytes || 2 ** 50);
  return all.toSorted((a, b) => shareOf(b) - shareOf(a))[0] ?? { usedBytes: 0, maxBytes: 0 };
}

/** @returns a field of the answer to INFO. https://redis.io/docs/latest/commands/info/ */
export const fieldOf = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
