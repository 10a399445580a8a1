import { errorFields, type Log } from '@carillon/core/program/log';
import type { OutageReport } from '@carillon/core/program/outage-report';
import { isTransient } from '@carillon/db/connection/sql-state';

/** One line of a kind in this many milliseconds; the next one gives the number it stands for. */
const QUIET_MS = 10_000;

/**
 * Logs failures of repetitive work. While a server is away everything fails, many times a second, and the report of the
 * outage gives the reason: then this logs nothing. Otherwise each kind is logged at most once in ten seconds, with a
 * count.
 *
 * @param now milliseconds of a monotonic clock.
 * @returns a function that takes the line and the error. The line together with the error's code is the kind.
 */
export function createComplaints(
  log: Pick<Log, 'warn'>,
  outages: Pick<OutageReport, 'isAny'>,
  now: () => number = () => performance.now(),
): (message: string, error: unknown) => void {
  const kinds = new Map<string, { loggedAt: number; unlogged: number }>();
  return (message, error) => {
    if (outages.isAny()) return;
    const { stack, ...fields } = errorFields(error);
    const kind = `${message} ${String(fields.code ?? fields.error)}`;
    const known = kinds.get(kind);
    if (known && now() - known.loggedAt < QUIET_MS) {
      known.unlogged++;
      return;
    }
    // Error texts may contain anything, so kinds are unbounded: the memory is for a flood, not for a history.
    if (kinds.size > 1000) kinds.clear();
    kinds.set(kind, { loggedAt: now(), unlogged: 0 });
    const times = 1 + (known?.unlogged ?? 0);
    log.warn(message, { ...fields, times, ...(isTransient(error) ? {} : { stack }) });
  };
}
