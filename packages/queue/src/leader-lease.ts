import { randomUUID } from 'node:crypto';
import type { RedisClient } from './connection.ts';

/**
 * Leader election among processes. For work that every process could do and only one should do at a time: an economy,
 * not a lock. While Redis is away there is no leader, and for a moment two may consider themselves leader.
 */
export interface LeaderLease {
  /**
   * Takes the leader lease if it is free. @returns whether this process is the leader now. @throws while Redis is away
   */
  hold(): Promise<boolean>;
  /** Gives the lease away, so that the next need not wait for its expiry: a leader that cannot work must not stay. */
  leave(): Promise<void>;
  /** Leaves for good. */
  stop(): Promise<void>;
}

export interface LeaderLeaseOptions {
  redis: RedisClient;
  key: string;
  /** A leader that does not renew for this long has lost the lease. */
  ttlMs?: number;
}

/** In: key; own name, milliseconds. Keeps an own lease and takes a free one. */
const HOLD = `
  local holder = redis.call('get', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
  return 1`;

const LEAVE = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end`;

export function createLeaderLease({ redis, key, ttlMs = 20_000 }: LeaderLeaseOptions): LeaderLease {
  const name = randomUUID();
  let renewing: NodeJS.Timeout | undefined;
  let stopped = false;

  const rest = (): void => {
    clearInterval(renewing);
    renewing = undefined;
  };

  const hold = async (): Promise<boolean> => {
    if (stopped) return false;
    const leads = (await redis.eval(HOLD, 1, key, name, ttlMs)) === 1;
    // A turn of work may take longer than the lease lasts. A write that Redis did not receive is repeated.
    if (leads) renewing ??= setInterval(() => void hold().catch(() => {}), ttlMs / 4).unref();
    else rest();
    return leads;
  };

  const leave = async (): Promise<void> => {
    rest();
    await redis.eval(LEAVE, 1, key, name).catch(() => {});
  };

  return {
    hold,
    leave,
    stop() {
      stopped = true;
      return leave();
    },
  };
}
