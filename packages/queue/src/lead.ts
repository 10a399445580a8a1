import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * One process of many is in the lead. For work that every process could do and none should do twice at the same time:
 * an economy, not a lock. While Redis is away nobody leads, and for a moment two may think they do.
 */
export interface Lead {
  /** Takes the lead if nobody has it. @returns whether this process leads now. @throws while Redis is away */
  hold(): Promise<boolean>;
  /** Gives it away, so that the next need not wait for it to lapse: whoever leads and cannot work must not stay. */
  leave(): Promise<void>;
  /** Leaves for good. */
  stop(): Promise<void>;
}

export interface LeadOptions {
  redis: Redis;
  key: string;
  /** A leader that says nothing for so long has lost it. */
  ttlMs?: number;
}

/** In: key; own name, milliseconds. Keeps what is ours and takes what is nobody's. */
const HOLD = `
  local holder = redis.call('get', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
  return 1`;

const LEAVE = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end`;

export function createLead({ redis, key, ttlMs = 20_000 }: LeadOptions): Lead {
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
    // A turn of work may take longer than the lead lasts. What Redis did not hear is said again.
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
