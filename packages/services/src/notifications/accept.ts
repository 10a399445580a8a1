import { DeadlineError } from '@carillon/core/notification/deadline';
import type { OnEntered } from '@carillon/core/notification/entered';
import type { Priority } from '@carillon/core/notification/priority';
import type { Log } from '@carillon/core/program/log';
import { ProblemError } from '@carillon/core/text/problem';
import { groupStatements, isMembersFault } from '@carillon/db/connection/group-statements';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { NewNotification } from '@carillon/db/notifications/accept-notifications';
import { startAcceptSpan } from './accept-span.ts';
import { type AcceptPools, storeSubmissions, unavailable, type Verdict } from './accept-store.ts';
import type { Submission } from './accept-submission.ts';

/**
 * Stores submissions and returns the outcome of each, in order. Concurrent calls share statements. Never rejects: a
 * database that does not answer in time is an `unavailable` verdict, and whether that row was stored is then unknown.
 */
export type Accept = (submissions: readonly Submission[]) => Promise<Verdict[]>;

/** The metrics of accepting; the API defines their names. */
export interface AcceptMetrics {
  /** One answer: a new row, a repeat of a known request, or a key reused for a different request. */
  accepted(outcome: 'fresh' | 'replayed' | 'conflict', priority: Priority): void;
  /** A new row is `created`. */
  entered: OnEntered;
  /** One group commit with this number of notifications. */
  group(size: number, seconds: number): void;
}

export interface AcceptOptions {
  db: AcceptPools;
  waker: { wake(priority: Priority): void };
  metrics: AcceptMetrics;
  log: Log;
  deadlineMs?: number;
}

const MAX_GROUP = 1_000;
/** Measured: a second statement in flight keeps PostgreSQL busy while Node prepares; more only make groups smaller. */
const MAX_IN_FLIGHT = 2;
/** With attachments: 8 MB at most. */
const MAX_HEAVY_GROUP = 8;
const DEADLINE_MS = 5_000;

export function createAccept({ db, waker, metrics, log, deadlineMs = DEADLINE_MS }: AcceptOptions): Accept {
  const commit = async (group: Submission[]): Promise<Verdict[]> => {
    const start = performance.now();
    const verdicts = await within(deadlineMs, storeSubmissions(db, group));
    metrics.group(group.length, (performance.now() - start) / 1000);
    announce({ waker, metrics }, group, verdicts);
    return verdicts;
  };
  const join = groupStatements(commit, { maxGroup: MAX_GROUP, maxInFlight: MAX_IN_FLIGHT });
  // Ordering queues follow the order of arrival: of two statements in flight the second could overtake the first.
  const joinLine = groupStatements(commit, { maxGroup: MAX_GROUP, maxInFlight: 1 });

  // A thousand of these would be a statement of a gigabyte, and delay every request that shares it.
  const joinHeavy = groupStatements(commit, { maxGroup: MAX_HEAVY_GROUP, maxInFlight: 1 });

  const queueOf = ({ row }: Submission): typeof join => {
    if (row.ordering_key !== undefined) return joinLine;
    return row.attachments === undefined ? join : joinHeavy;
  };

  return (submissions) =>
    new Promise((resolve) => {
      if (submissions.length === 0) return resolve([]);
      const span = startAcceptSpan(submissions);
      const verdicts: Verdict[] = new Array(submissions.length);
      let open = submissions.length;
      const finish = (): void => {
        clearTimeout(timer);
        span?.end(verdicts);
        resolve(verdicts);
      };
      const timer = setTimeout(() => {
        const late = unavailable(new DeadlineError(deadlineMs));
        for (let index = 0; index < verdicts.length; index++) verdicts[index] ??= late;
        finish();
      }, deadlineMs);
      for (const [index, submission] of submissions.entries()) {
        queueOf(submission)(submission).then(
          (verdict) => settle(index, verdict),
          (error: unknown) => settle(index, broken(error, submission.row, log)),
        );
      }
      const settle = (index: number, verdict: Verdict): void => {
        verdicts[index] ??= verdict;
        if (--open === 0) finish();
      };
    });
}

/** Counts the outcomes of a group, and wakes the relays for the rows that were stored. */
export function announce(
  { waker, metrics }: Pick<AcceptOptions, 'waker'> & { metrics: Omit<AcceptMetrics, 'group'> },
  group: readonly Submission[],
  verdicts: readonly Verdict[],
): void {
  const stored = new Set<Priority>();
  for (const [index, verdict] of verdicts.entries()) {
    const { app_id: appId, channel, priority } = group[index]!.row;
    if (verdict instanceof ProblemError) {
      if (verdict.code === 'idempotency_conflict') metrics.accepted('conflict', priority);
      continue;
    }
    metrics.accepted(verdict.replayed ? 'replayed' : 'fresh', priority);
    if (verdict.replayed) continue;
    metrics.entered({ appId, channel, priority, provider: null, state: 'created' });
    stored.add(priority);
  }
  for (const priority of stored) waker.wake(priority);
}

/**
 * A group whose connection died silently must not hold its slot for the minutes TCP needs to notice.
 *
 * @throws ProblemError `unavailable` when the time is up; the work continues unobserved.
 */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(new DeadlineError(timeoutMs))), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

/** The error behind a submission that was not stored. Values that PostgreSQL refuses should have failed validation. */
function broken(error: unknown, { id }: NewNotification, log: Log): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isTransient(error)) return unavailable(error);
  if (isMembersFault(error))
    log.error('PostgreSQL refused a row that passed every check', { notification_id: id, error });
  else log.error('accepting failed', { error });
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && /^(?:22|54)/.test(code)) {
    return new ProblemError(
      'invalid_request',
      `A value cannot be stored: ${(error as Error).message}. Change it.`,
    );
  }
  return new ProblemError(
    'internal',
    'Internal error. The request id identifies it in the log. Try again later.',
    {
      cause: error,
    },
  );
}
