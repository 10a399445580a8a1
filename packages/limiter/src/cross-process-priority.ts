import { setTimeout as pause } from 'node:timers/promises';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import type { Cluster, Redis } from 'ioredis';

/**
 * Priority between processes. Bottleneck serves processes in the order of their requests, and critical messages have a
 * process of their own, so without this a one-time password would share an account's rate evenly with a campaign. A
 * process that wants a lease for something urgent announces it under a key that expires automatically; a process that
 * wants one for less waits meanwhile.
 */
export interface CrossProcessPriority {
  /**
   * Resolves when no process wants a lease for something more urgent, and announces this process's own request.
   *
   * @param mostUrgent of the local waiters; called repeatedly, because it changes.
   */
  take(mostUrgent: () => Priority): Promise<void>;
  /** The local urgent callers are served: others need not wait for the announcement to expire. */
  release(priority: Priority): void;
}

const LONGEST_PAUSE_MS = 100;

/** @param id with a hash tag, so that the keys share a slot with the limiter's. */
export function crossProcessPriority(
  redis: Redis | Cluster,
  id: string,
  leaseEveryMs: number,
): CrossProcessPriority {
  const key = (priority: Priority): string => `${id}:wanted:${priority}`;
  const lastsMs = Math.ceil(leaseEveryMs * 2 + LONGEST_PAUSE_MS);
  // Without an answer there is no process to wait for; the lease itself will show that Redis is away.
  const ignore = (): void => {};

  const wantedElsewhere = async (priority: Priority): Promise<boolean> => {
    const moreUrgent = PRIORITIES.slice(0, PRIORITIES.indexOf(priority)).map(key);
    if (moreUrgent.length === 0) return false;
    const wanted = await redis.mget(moreUrgent).catch(() => []);
    return wanted.some((mark) => mark !== null);
  };

  return {
    async take(mostUrgent) {
      while (await wantedElsewhere(mostUrgent())) await pause(Math.min(leaseEveryMs, LONGEST_PAUSE_MS));
      const priority = mostUrgent();
      if (priority !== 'bulk') redis.set(key(priority), 1, 'PX', lastsMs).catch(ignore);
    },
    release(priority) {
      if (priority !== 'bulk') redis.del(key(priority)).catch(ignore);
    },
  };
}
