import { setTimeout as pause } from 'node:timers/promises';

/**
 * Repeats a write until it is done: what is known must not be forgotten because PostgreSQL restarts. Only for writes
 * that may be repeated, as all are that a lease guards: it ends with the first.
 *
 * @param forMs how long before it gives up.
 * @throws the last error when the time is up.
 */
export async function insist<T>(write: () => Promise<T>, forMs: number): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await pause(RETRY_MS);
    }
  }
}

const RETRY_MS = 250;
