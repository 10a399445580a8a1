import { setTimeout as pause } from 'node:timers/promises';
import { isTransient } from '@carillon/db/connection/sql-state';

/**
 * Repeats a write until it is done: an outcome must not be lost because PostgreSQL restarts. Only for writes that may
 * be repeated, as all are that a lease guards: the first one ends the lease. A write that can never succeed is not
 * repeated. The pauses grow, because more statements do not help a server that is full or waits for a lock.
 *
 * @param forMs how long before it gives up.
 * @throws the last error when the time is up; at once one that is not transient (db/connection/sql-state.ts).
 */
export async function retryWrite<T>(write: () => Promise<T>, forMs: number): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isTransient(error) || performance.now() > giveUpAt) throw error;
      await pause(pauseMs * (0.75 + Math.random() / 2));
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2000;
