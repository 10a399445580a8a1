import type { WriteWatch } from '@carillon/queue/write-watch';
import type { Duty } from '../service.ts';

/** Checks whether Redis takes writes, and logs when it has refused them for longer than a failover should take. */
export interface RedisWrites {
  duty: Duty;
  /** Writes have been refused for REFUSED_MS or longer. */
  refused(): boolean;
}

const EVERY_MS = 1000;
/**
 * Reconnecting settles an ordinary failover in less; together with the interval of the check, a refusal is noticed
 * within 10 s.
 */
const REFUSED_MS = 5000;

export function redisWrites(watch: WriteWatch): RedisWrites {
  const refused = (): boolean => watch.refusedForMs() > REFUSED_MS;
  return {
    refused,
    duty: {
      name: 'redis-writes',
      everyMs: EVERY_MS,
      async runOnce() {
        await watch.look();
        if (refused())
          throw new Error('Redis answers, but refuses writes: it is a replica, or cut off from its own');
        return 0;
      },
    },
  };
}
