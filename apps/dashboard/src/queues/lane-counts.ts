import { setTimeout as pause } from 'node:timers/promises';
import type { Lane } from '@carillon/core/lane';
import type { DashboardDeps } from '../deps.ts';

export interface LaneCount {
  waiting: number;
  failed: number;
}

/** Redis answers in a millisecond or has a problem of its own; a page does not wait longer for a decoration. */
const PATIENCE_MS = 500;
/** Many open pages ask Redis no oftener than this. */
const FRESH_MS = 1000;

/**
 * Jobs that wait and jobs that failed, per lane, for the head of every page.
 *
 * @returns a function that answers null while Redis is away: the pages themselves need only PostgreSQL.
 */
export function createLaneCounts(
  queues: DashboardDeps['queues'],
  now: () => number = Date.now,
): () => Promise<ReadonlyMap<Lane, LaneCount> | null> {
  let latest: Promise<ReadonlyMap<Lane, LaneCount> | null> = Promise.resolve(null);
  let askedAt = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<ReadonlyMap<Lane, LaneCount> | null> => {
    const counting = Promise.all(
      [...queues].map(async ([lane, queue]) => {
        const counts = await queue.getJobCounts('wait', 'prioritized', 'failed');
        const waiting = (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0);
        return [lane, { waiting, failed: counts['failed'] ?? 0 }] as const;
      }),
    );
    const answered = counting.then(
      (entries) => new Map(entries),
      () => null,
    );
    return Promise.race([answered, pause(PATIENCE_MS, null, { ref: false })]);
  };

  return () => {
    if (now() - askedAt >= FRESH_MS) {
      askedAt = now();
      latest = ask();
    }
    return latest;
  };
}
