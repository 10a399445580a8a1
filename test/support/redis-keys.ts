import { producerConnection, type RedisClient } from '@carillon/queue/connection';
import { serversOf } from '@carillon/queue/redis-servers';
import { until } from './until.ts';

/** @returns the keys that match, of all masters of a cluster. */
export async function keysOf(redis: RedisClient, match: string): Promise<string[]> {
  const found: string[] = [];
  for (const server of serversOf(redis))
    for await (const keys of server.scanStream({ match, count: 1_000 })) found.push(...(keys as string[]));
  return found;
}

/** Deletes the keys that match. One by one: those of a cluster lie in different slots. */
export async function deleteKeys(redis: RedisClient, match: string): Promise<void> {
  for (const key of await keysOf(redis, match)) await redis.unlink(key);
}

/** A connection that fails at once while Redis is away. */
export const connectRedis = (url: string): RedisClient => producerConnection(url, 'test');

/** Runs some work with a connection of its own. */
export async function withRedis<T>(url: string, work: (redis: RedisClient) => Promise<T>): Promise<T> {
  const redis = connectRedis(url);
  try {
    await until('Redis to answer', () => redis.status === 'ready');
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
