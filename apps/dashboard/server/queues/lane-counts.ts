import { setTimeout as pause } from 'node:timers/promises';
import type { Lane } from '@carillon/core/notification/lane';
import type { DashboardDeps } from '../deps.ts';

export interface LaneCount {
  waiting: number;
  failed: number;
}

/** Redis normally answers in a millisecond; a page does not wait longer for optional counts. */
const PATIENCE_MS = 500;
/** The minimum interval between Redis queries, however many pages are open. */
const FRESH_MS = 1000;

/**
 * Waiting and failed jobs per lane, for the header of every page.
 *
 * @returns a function that returns null while Redis is unavailable: the pages themselves need only PostgreSQL.
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
