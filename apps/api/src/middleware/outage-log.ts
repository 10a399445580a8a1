import { DeadlineError } from '@carillon/core/notification/deadline';
import type { Log } from '@carillon/core/program/log';
import { sqlFailure } from '@carillon/db/connection/sql-state';

/**
 * Logs why requests are answered 503. During an outage every request fails for the same reason, perhaps because the log
 * filled the disk; the log counts repeats.
 *
 * @returns a function that takes the error behind a 503.
 */
export function createOutageLog(log: Pick<Log, 'warn'>): (error: unknown) => void {
  return (error) => log.warn('requests are answered 503', { ...kindOf(error), error });
}

/** The SQLSTATE or the socket's code, and the class that db/connection/sql-state.ts puts it in. */
function kindOf(error: unknown): { kind: string; code?: string } {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DeadlineError) return { kind: 'no_answer_in_time' };
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code !== 'unavailable')
      return { kind: sqlFailure(at) ?? 'unknown', code };
  }
  return { kind: 'unknown' };
}
