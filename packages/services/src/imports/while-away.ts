import { setTimeout as pause } from 'node:timers/promises';
import { ProblemError } from '@carillon/core/text/problem';
import { isTransient } from '@carillon/db/connection/sql-state';

/** PostgreSQL may be away for so long before an upload is ended; the uploader waits meanwhile. */
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Repeats work while PostgreSQL is away.
 *
 * @param work finds out by itself whether an earlier try has succeeded.
 * @throws ProblemError 503 when the patience is over; any other error at once.
 */
export async function whileAway<T>(work: () => Promise<T>): Promise<T> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (performance.now() > endsAt) throw isAway(error);
      await pause(Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS));
    }
  }
}

function isAway(cause: unknown): ProblemError {
  return new ProblemError(
    'unavailable',
    `PostgreSQL could not store a part of the import for ${PATIENCE_MS / 1000} s. What was read before is stored; go on with the same Import-Id.`,
    { retryAfterSeconds: 5, cause },
  );
}
