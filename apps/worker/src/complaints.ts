import { errorFields, type Log } from '@carillon/core/program/log';
import type { OutageReport } from '@carillon/core/program/outage-report';
import { repeatedLines } from '@carillon/core/program/repeated-lines';
import { isTransient } from '@carillon/db/connection/sql-state';

/**
 * Logs failures of repetitive work. While a server is away everything fails, many times a second, and the report of the
 * outage gives the reason: then this logs nothing. Otherwise repeats are counted (core/program/repeated-lines.ts).
 *
 * @param now milliseconds of a monotonic clock.
 * @returns a function that takes the line and the error. The line together with the error's code is the kind.
 */
export function createComplaints(
  log: Pick<Log, 'warn'>,
  outages: Pick<OutageReport, 'isAny'>,
  now?: () => number,
): (message: string, error: unknown) => void {
  const lines = repeatedLines('warn', now);
  return (message, error) => {
    if (outages.isAny()) return;
    const { stack, ...fields } = errorFields(error);
    const times = lines.admit(`${message} ${String(fields.code ?? fields.error)}`);
    if (times === null) return;
    log.warn(message, { ...fields, times, ...(isTransient(error) ? {} : { stack }) });
  };
}
