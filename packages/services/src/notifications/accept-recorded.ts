import { ProblemError } from '@carillon/core/text/problem';
import type { TransactionSql } from 'postgres';
import type { ServiceContext } from '../context.ts';
import { type AcceptMetrics, announce } from './accept.ts';
import { startAcceptSpan } from './accept-span.ts';
import { type Accepted, storeSubmissions, unavailable, type Verdict } from './accept-store.ts';
import type { Submission } from './accept-submission.ts';

/**
 * Accepts one notification as `createAccept` does, in a commit that also records the actor. For requests made by hand;
 * sends of applications share statements instead.
 *
 * @param record writes the rows that belong to a newly stored notification; it is not called for a repeat.
 * @throws ProblemError for the verdicts that a group would return as refusals.
 */
export async function acceptRecorded(
  { db, wake, onEntered = () => {} }: Pick<ServiceContext, 'db' | 'wake' | 'onEntered'>,
  submission: Submission,
  record: (tx: TransactionSql) => Promise<void>,
  { accepted }: Pick<AcceptMetrics, 'accepted'> = NOT_COUNTED,
): Promise<{ accepted: Accepted; replayed: boolean }> {
  const span = startAcceptSpan([submission]);
  const verdict = await db
    .begin(async (tx): Promise<Verdict> => {
      const [stored] = await storeSubmissions({ sql: tx, kept: tx }, [submission]);
      if (!(stored instanceof ProblemError) && !stored!.replayed) await record(tx);
      return stored!;
    })
    .catch((error: unknown) => {
      span?.end([unavailable(error)]);
      throw error;
    });
  span?.end([verdict]);
  announce({ waker: { wake }, metrics: { accepted, entered: onEntered } }, [submission], [verdict]);
  if (verdict instanceof ProblemError) throw verdict;
  return verdict;
}

const NOT_COUNTED = { accepted: () => {} };
