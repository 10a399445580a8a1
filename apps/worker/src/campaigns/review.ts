import { ProblemError } from '@carillon/core/text/problem';
import { claimReview, finishReview } from '@carillon/db/campaigns/reviews';
import { isTransient } from '@carillon/db/connection/sql-state';
import { countSubject, reviewSubject } from '@carillon/services/campaigns/count-review';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/** Of the count of one campaign, in milliseconds: less than a statement of the pool may take. */
const COUNT_MS = 55_000;
/** Another process counts again if this one has not ended by then. */
const LEASE_MS = COUNT_MS + 15_000;

/** Counts whom campaigns would reach, whose review was asked for, one after the other. */
export function reviews({ sql, sets, stopping }: { sql: Sql; sets: Sql; stopping: AbortSignal }): Duty {
  return {
    name: 'campaign-reviews',
    everyMs: 500,
    async runOnce() {
      for (let count = 0; ; count += 1) {
        const claimed = stopping.aborted ? null : await claimReview(sql, LEASE_MS);
        if (claimed === null) return count;
        try {
          const subject = await reviewSubject(sql, claimed.campaign);
          const result = await countSubject(sets, subject, COUNT_MS);
          await finishReview(sql, claimed, { result });
        } catch (error) {
          // What it names is gone since, or it takes too long: another try would end in the same way.
          const isFinal = error instanceof ProblemError || !isTransient(error);
          if (isFinal) await finishReview(sql, claimed, { error: reasonOf(error) });
          if (!(error instanceof ProblemError)) throw error;
        }
      }
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof ProblemError ? error.message : 'it could not be counted: internal error';
}
