import { groupCommit } from '@carillon/core/group-commit';
import { HORIZON_MS } from '@carillon/core/horizon';
import { errorFields, type Log } from '@carillon/core/log';
import type { Priority } from '@carillon/core/priority';
import { ProblemError } from '@carillon/core/problem';
import type { Database } from '@carillon/db/client';
import { acceptNotifications, type NewNotification } from '@carillon/db/queries/accept-notifications';
import { type AcceptedBefore, findAccepted } from '@carillon/db/queries/find-accepted';
import type { Sql } from 'postgres';
import type { Metrics } from '../metrics.ts';
import { unavailable } from '../middleware/problem.ts';
import { isUnavailable } from '../middleware/unavailable.ts';
import type { Submission } from './prepare.ts';
import { resolveReferences } from './resolve.ts';

/** What a 202 says. */
export interface Accepted {
  id: string;
  notification_id: string;
  status: 'pending' | 'scheduled';
  idempotency_key: string;
  created_at: string;
}

/** The answer to one submission: stored now, stored before by the same request, or refused. */
export type Verdict = { accepted: Accepted; replayed: boolean } | ProblemError;

/**
 * Stores submissions and says what became of each, in order. Concurrent calls share statements. Never rejects: a
 * database that does not answer in time is an `unavailable` verdict, and whether that row was stored is then unknown.
 */
export type Accept = (submissions: readonly Submission[]) => Promise<Verdict[]>;

type Hot = Pick<Database, 'sql' | 'kept'>;

export interface AcceptOptions {
  db: Hot;
  waker: { wake(priority: Priority): void };
  metrics: Metrics;
  log: Log;
  deadlineMs?: number;
}

const MAX_GROUP = 1_000;
/** Measured: a second statement on the way keeps PostgreSQL busy while Node prepares; more only make groups smaller. */
const MAX_IN_FLIGHT = 2;
/** With attachments: 8 MB at most. */
const MAX_HEAVY_GROUP = 8;
const DEADLINE_MS = 5_000;

export function createAccept({ db, waker, metrics, log, deadlineMs = DEADLINE_MS }: AcceptOptions): Accept {
  const commit = async (group: Submission[]): Promise<Verdict[]> => {
    const start = performance.now();
    const verdicts = await within(deadlineMs, store(db, group, log));
    metrics.group(group.length, (performance.now() - start) / 1000);
    announce(group, verdicts);
    return verdicts;
  };
  const announce = (group: readonly Submission[], verdicts: readonly Verdict[]): void => {
    const stored = new Set<Priority>();
    for (const [index, verdict] of verdicts.entries()) {
      const { priority } = group[index]!.row;
      if (verdict instanceof ProblemError) {
        if (verdict.code === 'idempotency_conflict') metrics.accepted('conflict', priority);
        continue;
      }
      metrics.accepted(verdict.replayed ? 'replayed' : 'fresh', priority);
      if (!verdict.replayed) stored.add(priority);
    }
    for (const priority of stored) waker.wake(priority);
  };
  const join = groupCommit(commit, { maxGroup: MAX_GROUP, maxInFlight: MAX_IN_FLIGHT });
  // Lines form in the order of arrival: of two statements on the way the second could overtake the first.
  const joinLine = groupCommit(commit, { maxGroup: MAX_GROUP, maxInFlight: 1 });

  // A thousand of these would be a statement of a gigabyte, and hold up whoever shares it.
  const joinHeavy = groupCommit(commit, { maxGroup: MAX_HEAVY_GROUP, maxInFlight: 1 });

  const queueOf = ({ row }: Submission): typeof join => {
    if (row.ordering_key !== undefined) return joinLine;
    return row.attachments === undefined ? join : joinHeavy;
  };

  return (submissions) =>
    new Promise((resolve) => {
      if (submissions.length === 0) return resolve([]);
      const verdicts: Verdict[] = new Array(submissions.length);
      let open = submissions.length;
      const finish = (): void => {
        clearTimeout(timer);
        resolve(verdicts);
      };
      const timer = setTimeout(() => {
        for (let index = 0; index < verdicts.length; index++) verdicts[index] ??= unavailable();
        finish();
      }, deadlineMs);
      for (const [index, submission] of submissions.entries()) {
        queueOf(submission)(submission).then(
          (verdict) => settle(index, verdict),
          (error: unknown) => settle(index, broken(error, log)),
        );
      }
      const settle = (index: number, verdict: Verdict): void => {
        verdicts[index] ??= verdict;
        if (--open === 0) finish();
      };
    });
}

/**
 * A group whose connection died without a word must not hold its place for the minutes TCP needs to notice.
 *
 * @throws ProblemError `unavailable` when the time is up; the work goes on unobserved.
 */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

/** One group: look up, store, and for what was not stored see what is there instead. */
async function store({ sql, kept }: Hot, group: readonly Submission[], log: Log): Promise<Verdict[]> {
  await resolveReferences(sql, group);
  const first = new Map<string, Submission>();
  for (const submission of group) {
    if (submission.refusal === null && !first.has(submission.row.id))
      first.set(submission.row.id, submission);
  }
  const { fresh, refused } = await insert(
    kept,
    [...first.values()].map((submission) => submission.row),
    log,
  );

  // Rare: a repeat, a clash, or a refused request that may repeat an accepted one.
  const unexplained = new Set<string>();
  for (const { row } of group) if (!fresh.has(row.id) && !refused.has(row.id)) unexplained.add(row.id);
  const before = new Map<string, AcceptedBefore>();
  if (unexplained.size > 0)
    for (const row of await findAccepted(sql, [...unexplained])) before.set(row.id, row);

  return group.map((submission): Verdict => {
    const { row, refusal } = submission;
    const storedAt = fresh.get(row.id);
    if (storedAt !== undefined) {
      const own = first.get(row.id)!;
      if (own.row.request_hash !== row.request_hash) return conflict(row);
      return { accepted: answerOf(row, storedAt), replayed: own !== submission };
    }
    const known = before.get(row.id);
    if (!known) return refused.get(row.id) ?? refusal ?? unavailable();
    if (`\\x${known.requestHash.toString('hex')}` !== row.request_hash) return conflict(row);
    return { accepted: answerOf(row, momentOf(known.createdAt)), replayed: true };
  });
}

interface Insertion {
  /** created_at of what was stored now, by id. */
  fresh: Map<string, Moment>;
  refused: Map<string, ProblemError>;
}

/**
 * One statement for the whole group. If PostgreSQL finds fault with a value (which the checks at the door should have
 * seen), the rows go one by one, so that the faulty one does not fail its neighbours.
 */
async function insert(kept: Sql, rows: readonly NewNotification[], log: Log): Promise<Insertion> {
  const result: Insertion = { fresh: new Map(), refused: new Map() };
  if (rows.length === 0) return result;
  try {
    const { at, ids } = await acceptNotifications(kept, rows, HORIZON_MS);
    const stored = momentOf(at);
    for (const id of ids) result.fresh.set(id, stored);
    return result;
  } catch (error) {
    if (isUnavailable(error)) throw error;
    if (rows.length === 1) {
      log.error('PostgreSQL refused a row that passed every check', {
        id: rows[0]!.id,
        ...errorFields(error),
      });
      result.refused.set(rows[0]!.id, broken(error, log));
      return result;
    }
  }
  for (const row of rows) {
    const one = await insert(kept, [row], log);
    for (const [id, at] of one.fresh) result.fresh.set(id, at);
    for (const [id, problem] of one.refused) result.refused.set(id, problem);
  }
  return result;
}

/** A time in both forms that answers need; a group shares one. */
interface Moment {
  ms: number;
  iso: string;
}

function momentOf(date: Date): Moment {
  return { ms: date.getTime(), iso: date.toISOString() };
}

function answerOf(row: NewNotification, createdAt: Moment): Accepted {
  return {
    id: row.id,
    notification_id: row.id,
    // The same comparison as the statement makes, so that a replay tells the status of the first answer.
    status: row.send_at !== undefined && Date.parse(row.send_at) > createdAt.ms ? 'scheduled' : 'pending',
    idempotency_key: row.idempotency_key,
    created_at: createdAt.iso,
  };
}

function conflict(row: NewNotification): ProblemError {
  return new ProblemError(
    'idempotency_conflict',
    `The idempotency key "${row.idempotency_key}" was used for another request, notification ${row.id}. Repeat that request unchanged, or use a new key.`,
  );
}

function broken(error: unknown, log: Log): ProblemError {
  if (error instanceof ProblemError) return error;
  if (isUnavailable(error)) return unavailable(error);
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('22')) {
    return new ProblemError(
      'invalid_request',
      `A value cannot be stored: ${(error as Error).message}. Change it.`,
    );
  }
  log.error('accepting failed', errorFields(error));
  return new ProblemError(
    'internal',
    'Something broke on our side; the request id leads us to it. Try again later.',
    {
      cause: error,
    },
  );
}
