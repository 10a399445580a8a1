import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { deleteKeys, withRedis } from './redis-keys.ts';

export interface TestRedis {
  url: string;
  /** What TEST_REDIS asks for: some tests need the one server that they cut off. */
  isCluster: boolean;
  /** Goes into every key; random, so that test files cannot see each other's queues. */
  namespace: string;
  /** Deletes every key that contains the namespace. Call it in afterAll, after closing your queues and workers. */
  clean(): Promise<void>;
}

/** The run's Redis with a namespace of its own for this test file. */
export function testRedis(): TestRedis {
  const url = inject('redisUrl');
  const namespace = `t${randomBytes(6).toString('hex')}`;
  return {
    url,
    isCluster: url.includes(','),
    namespace,
    clean: () => withRedis(url, (redis) => deleteKeys(redis, `*${namespace}*`)),
  };
}
