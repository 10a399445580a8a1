import { DeadlineError } from '@carillon/core/notification/deadline';
import { errorFields, type Log } from '@carillon/core/program/log';
import { sqlFailure } from '@carillon/db/connection/sql-state';

/** At most one line per kind in this many milliseconds; the next line says how many requests it covers. */
const QUIET_MS = 10_000;

/**
 * Logs why requests are answered 503. During an outage every request fails for the same reason, perhaps because the log
 * filled the disk. The first of a kind is logged at once, the others are counted.
 *
 * @param now monotonic milliseconds.
 * @returns a function that takes the error behind a 503.
 */
export function createOutageLog(
  log: Log,
  now: () => number = () => performance.now(),
): (error: unknown) => void {
  const kinds = new Map<string, { loggedAt: number; unlogged: number }>();

  return (error) => {
    const kind = kindOf(error);
    const known = kinds.get(kind);
    if (known && now() - known.loggedAt < QUIET_MS) {
      known.unlogged++;
      return;
    }
    const requests = 1 + (known?.unlogged ?? 0);
    // The kinds are SQLSTATEs and socket error codes: a few dozen at most.
    kinds.set(kind, { loggedAt: now(), unlogged: 0 });
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
