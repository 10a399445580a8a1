import { DeadlineError } from '@carillon/core/notification/deadline';
import { errorFields, type Log } from '@carillon/core/program/log';
import { repeatedLines } from '@carillon/core/program/repeated-lines';
import { sqlFailure } from '@carillon/db/connection/sql-state';

/**
 * Logs why requests are answered 503. During an outage every request fails for the same reason, perhaps because the log
 * filled the disk. Repeats are counted (core/program/repeated-lines.ts).
 *
 * @param now monotonic milliseconds.
 * @returns a function that takes the error behind a 503.
 */
export function createOutageLog(log: Log, now?: () => number): (error: unknown) => void {
  const lines = repeatedLines('warn', now);

  return (error) => {
    const kind = kindOf(error);
    const requests = lines.admit(kind);
    if (requests === null) return;
    const { stack: _, ...fields } = errorFields(error);
    log.warn('requests are answered 503', { kind, requests, ...fields });
  };
}

/** The SQLSTATE or the socket's code, after the class that db/connection/sql-state.ts puts it in. */
function kindOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DeadlineError) return 'no answer in time';
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code !== 'unavailable') return `${sqlFailure(at)} ${code}`;
  }
  return 'unknown';
}
