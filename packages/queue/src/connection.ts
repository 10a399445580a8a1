import { StartError } from '@carillon/core/program/explain-failure';
import { saysElsewhere } from '@carillon/core/program/redis-elsewhere';
import { Redis } from 'ioredis';

/**
 * Connections to Redis. Workers wait for it without limit; publishers must fail at once while it is away, so that the
 * outbox keeps the row. No autopipelining: it halves a worker's rate (performance.md).
 *
 * A Redis that reports it is no longer the primary is left: the socket is closed and a new one opened, which leads to
 * the new primary. A worker's command is sent again there; a producer's fails.
 */
export function workerConnection(url: string, name: string): Redis {
  return listen(
    new Redis(url, {
      connectionName: name,
      maxRetriesPerRequest: null,
      retryStrategy: reconnectInMs,
      reconnectOnError: (error) => (saysElsewhere(error) ? RECONNECT_AND_RESEND : false),
    }),
  );
}

/** ioredis' term for it. */
const RECONNECT_AND_RESEND = 2;

export function producerConnection(url: string, name: string): Redis {
  return listen(
    new Redis(url, {
      connectionName: name,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 5000,
      retryStrategy: reconnectInMs,
      reconnectOnError: saysElsewhere,
    }),
  );
}

/** A connection that only subscribes. Nothing is subscribed again by itself: what was published meanwhile is lost. */
export function subscriberConnection(url: string, name: string): Redis {
  return listen(
    new Redis(url, {
      connectionName: name,
      autoResubscribe: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 5000,
      retryStrategy: reconnectInMs,
    }),
  );
}

function reconnectInMs(tries: number): number {
  return Math.min(50 * 2 ** Math.min(tries, 6), 2000);
}

// Without a listener ioredis prints every failed reconnect; readiness and metrics report it better.
function listen(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}

/** Redis must never evict: a lane whose keys vanish under memory pressure is a lane that loses work. */
export async function refuseEvictingRedis(redis: Redis): Promise<void> {
  const info = await redis.info('memory');
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    throw new StartError(
      `Redis evicts keys (maxmemory-policy is ${policy}); queues need noeviction. Set "maxmemory-policy noeviction", or give the queues a Redis of their own.`,
    );
  }
}

/** @returns the memory that Redis uses and may use, in bytes; `maxBytes` 0 is without a bound. */
export async function readMemory(
  redis: Pick<Redis, 'info'>,
): Promise<{ usedBytes: number; maxBytes: number }> {
  const info = await redis.info('memory');
  const bytes = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { usedBytes: bytes('used_memory'), maxBytes: bytes('maxmemory') };
}
