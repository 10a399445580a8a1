import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject } from 'vitest';

export interface TestRedis {
  url: string;
  /** Goes into every key; random, so that test files cannot see each other's queues. */
  namespace: string;
  /** Deletes every key that contains the namespace. Call it in afterAll, after closing your queues and workers. */
  clean(): Promise<void>;
}

/** The run's Redis with a namespace of its own for this test file. */
export function testRedis(): TestRedis {
  const url = inject('redisUrl');
  const namespace = `t${randomBytes(6).toString('hex')}`;
  return { url, namespace, clean: () => deleteKeys(url, namespace) };
}

async function deleteKeys(url: string, namespace: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3 });
  try {
    for await (const keys of redis.scanStream({ match: `*${namespace}*`, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(...(keys as string[]));
    }
  } finally {
    redis.disconnect();
  }
}
