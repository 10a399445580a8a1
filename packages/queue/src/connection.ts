import { Redis } from 'ioredis';

/**
 * Connections to Redis. Workers wait for it without limit; whoever publishes must learn at once that it is away, so
 * that the outbox keeps the row. No autopipelining: it halves a worker's rate (performance.md).
 */
export function workerConnection(url: string, name: string): Redis {
  return listen(
    new Redis(url, { connectionName: name, maxRetriesPerRequest: null, retryStrategy: reconnectInMs }),
  );
}

export function producerConnection(url: string, name: string): Redis {
  return listen(
    new Redis(url, {
      connectionName: name,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 5000,
      retryStrategy: reconnectInMs,
    }),
  );
}

function reconnectInMs(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 6), 2000);
}

// Without a listener ioredis prints every failed reconnect; readiness and metrics tell it better.
function listen(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}

/** Redis must never evict: a lane whose keys vanish under memory pressure is a lane that loses work. */
export async function refuseEvictingRedis(redis: Redis): Promise<void> {
  const info = await redis.info('memory');
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Error(
      `Redis evicts keys (maxmemory-policy is ${policy}); queues need noeviction. Set "maxmemory-policy noeviction", or give the queues a Redis of their own.`,
    );
  }
}
