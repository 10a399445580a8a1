import type { Priority } from '@carillon/core/notification/priority';
import Bottleneck from 'bottleneck';
import { crossProcessPriority } from './cross-process-priority.ts';
import type { BottleneckClient } from './redis-for-bottleneck.ts';

/** Bottleneck's state of an unused account expires automatically. */
const FORGET_AFTER_MS = 10 * 60 * 1000;
const LEASE_TIMEOUT_MS = 5_000;

export interface LeaseOptions {
  redis: BottleneckClient;
  connection: Bottleneck.IORedisConnection;
  /** With a hash tag, so that all keys of an account share one slot of a Redis Cluster. */
  id: string;
  leaseEveryMs: number;
  tell(error: unknown): void;
}

/**
 * Takes leases from Bottleneck. A Bottleneck whose lease failed or hangs is discarded: one that lost Redis in the
 * middle keeps jobs that never run, and one whose start failed stays broken. The state is in Redis, so a new one
 * continues it.
 */
export function leases(options: LeaseOptions): (mostUrgent: () => Priority | undefined) => Promise<void> {
  const { redis, connection, id, leaseEveryMs, tell } = options;
  const way = crossProcessPriority(redis, id, leaseEveryMs);
  let current: { bottleneck: Bottleneck; ready: Promise<unknown> } | undefined;
  const timeoutMs = Math.max(LEASE_TIMEOUT_MS, 20 * leaseEveryMs);

  const open = () => {
    const settings = { minTime: leaseEveryMs };
    const bottleneck = new Bottleneck({
      ...settings,
      id,
      datastore: 'ioredis',
      connection,
      timeout: FORGET_AFTER_MS,
    });
    bottleneck.on('error', tell);
    // The settings in Redis are those of the first process; a changed rate has to be written.
    return { bottleneck, ready: bottleneck.ready().then(() => bottleneck.updateSettings(settings)) };
  };

  return async (mostUrgent) => {
    await connected(redis);
    await way.take(() => mostUrgent() ?? 'bulk');
    const wanted = mostUrgent();
    return new Promise<void>((resolve, reject) => {
      current ??= open();
      const { bottleneck, ready } = current;
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        if (current?.bottleneck === bottleneck) {
          current = undefined;
          void bottleneck.disconnect(false);
        }
        tell(error);
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error(`a lease for ${id} took too long`)), timeoutMs);
      const granted = async (): Promise<void> => {
        clearTimeout(timer);
        resolve();
        // The lease is shared out when this turn is over.
        setImmediate(() => {
          if (wanted !== undefined && mostUrgent() !== wanted) way.release(wanted);
        });
      };
      ready.then(() => bottleneck.schedule(granted)).catch(fail);
    });
  };
}

/** Waits for a connection that is being opened, as at the start, but not for one that is lost. */
async function connected(redis: BottleneckClient): Promise<void> {
  if (redis.status === 'connecting' || redis.status === 'connect') {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        redis.off('ready', settle);
        redis.off('close', settle);
        resolve();
      };
      redis.on('ready', settle);
      redis.on('close', settle);
    });
  }
  if (redis.status !== 'ready') throw new Error('Redis is not connected');
}
