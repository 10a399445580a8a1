import type { RedisClient } from '@carillon/queue/connection';
import { keysOf, withRedis } from './redis-keys.ts';

/** Every key of a Redis with all it holds, as text: one line a key. */
export function redisContents(url: string): Promise<string[]> {
  return withRedis(url, async (redis) => {
    const lines: string[] = [];
    for (const key of await keysOf(redis, '*'))
      lines.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`);
    return lines;
  });
}

/** @returns undefined for a key that has expired meanwhile. */
async function contentOf(redis: RedisClient, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none':
      return undefined;
    default:
      throw new Error(`${key} is a ${type}, which this does not read`);
  }
}
