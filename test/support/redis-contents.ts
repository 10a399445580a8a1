import { Redis } from 'ioredis';

/** Every key of a Redis with all it holds, as text: one line a key. */
export async function redisContents(url: string): Promise<string[]> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3 });
  const lines: string[] = [];
  try {
    for await (const keys of redis.scanStream({ count: 1_000 })) {
      for (const key of keys as string[]) lines.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`);
    }
  } finally {
    redis.disconnect();
  }
  return lines;
}

/** @returns undefined for a key that has expired meanwhile. */
async function contentOf(redis: Redis, key: string): Promise<unknown> {
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
