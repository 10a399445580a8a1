import type { Log } from '@carillon/core/program/log';
import type { OutageReport } from '@carillon/core/program/outage-report';

/** What failed: a step or a maintenance service, and whose notification it was, where it was one. */
export interface FailedWork {
  work: string;
  notification_id?: string | undefined;
}

/**
 * Logs failures of repetitive work. While a server is away everything fails, many times a second, and the report of the
 * outage gives the reason: then this logs nothing. Otherwise the log counts repeats.
 */
export function createComplaints(
  log: Pick<Log, 'warn'>,
  outages: Pick<OutageReport, 'isAny'>,
): (failed: FailedWork, error: unknown) => void {
  return (failed, error) => {
    if (!outages.isAny()) log.warn('work failed and will be tried again', { ...failed, error });
  };
}
