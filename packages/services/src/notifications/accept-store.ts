import { HORIZON_MS } from '@carillon/core/notification/horizon';
import { ProblemError } from '@carillon/core/text/problem';
import { acceptNotifications, type NewNotification } from '@carillon/db/notifications/accept-notifications';
import { type AcceptedBefore, findAccepted } from '@carillon/db/notifications/find-accepted';
import type { Sql, TransactionSql } from 'postgres';
import { resolveReferences } from './accept-resolve.ts';
import type { Submission } from './accept-submission.ts';

/** The body of a 202. */
export interface Accepted {
  id: string;
  notification_id: string;
  status: 'pending' | 'scheduled';
  idempotency_key: string;
  created_at: string;
}

/** The answer to one submission: stored now, stored before by the same request, or refused. */
export type Verdict = { accepted: Accepted; replayed: boolean } | ProblemError;

/** The pools for storing a group: `kept` has connections whose statements stay prepared. */
export interface AcceptPools {
  sql: Sql | TransactionSql;
  kept: Sql | TransactionSql;
}

/** One group: look up, store, and for rows that were not stored read the existing ones. */
export async function storeSubmissions(
  { sql, kept }: AcceptPools,
  group: readonly Submission[],
): Promise<Verdict[]> {
  await resolveReferences(sql, group);
  const first = new Map<string, Submission>();
  for (const submission of group) {
    if (submission.refusal === null && !first.has(submission.row.id))
      first.set(submission.row.id, submission);
  }
  const fresh = await insert(
    kept,
    [...first.values()].map((submission) => submission.row),
  );

  // Rare: a repeat, a conflict, or a refused request that may repeat an accepted one.
  const unexplained = new Set<string>();
  for (const { row } of group) if (!fresh.has(row.id)) unexplained.add(row.id);
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
    if (!known) return refusal ?? unavailable();
    if (`\\x${known.requestHash.toString('hex')}` !== row.request_hash) return conflict(row);
    return { accepted: answerOf(row, momentOf(known.createdAt)), replayed: true };
  });
}

/** @returns created_at of the newly stored rows, by id. */
async function insert(
  kept: AcceptPools['kept'],
  rows: readonly NewNotification[],
): Promise<Map<string, Moment>> {
  if (rows.length === 0) return new Map();
  const { at, ids } = await acceptNotifications(kept, rows, HORIZON_MS);
  const stored = momentOf(at);
  return new Map(ids.map((id) => [id, stored]));
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
    // The same comparison as in the statement, so that a replay returns the status of the first answer.
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

/** A database that does not answer: whether anything was stored is then unknown. */
export function unavailable(cause?: unknown): ProblemError {
  return new ProblemError(
    'unavailable',
    'The database does not answer, so nothing can be promised now. Repeat the request with the same Idempotency-Key.',
    { retryAfterSeconds: 2, cause },
  );
}
