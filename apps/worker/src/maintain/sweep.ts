import type { Lane } from '@carillon/core/lane';
import { LANES, partsOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import { oldestNotification, requeueLost } from '@carillon/db/queries/requeue-lost';
import type { Producer } from '@carillon/queue/producer';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Finds queued notifications whose job is gone although Redis was never lost as a whole (a job deleted by hand, the
 * last second of an append-only file). A queued row is lost when its lane is empty and it was queued a while ago.
 *
 * Hot states have no index, so the sweep walks time: it remembers up to where everything has left the queue and looks
 * only at what came later; every hour it starts from the beginning, for rows that went back into a queue.
 */
export interface SweepOptions {
  sql: Sql;
  producer: Producer;
  wake(priority: Priority): void;
  now?(): number;
}

const LOST_AFTER_MS = 30_000;
const WINDOW_MS = 10 * 60_000;
const FULL_EVERY_MS = 60 * 60_000;
const BATCH = 2000;

export function sweep({ sql, producer, wake, now = Date.now }: SweepOptions): Duty {
  let settledUpTo: number | null = null;
  let fullAt = 0;

  return {
    name: 'sweep',
    everyMs: 10_000,
    async runOnce() {
      const lanes = await emptyLanes(producer);
      if (lanes.length === 0) return 0;
      if (settledUpTo === null || now() - fullAt > FULL_EVERY_MS) {
        settledUpTo = (await oldestNotification(sql))?.getTime() ?? now();
        fullAt = now();
      }
      const end = now() - LOST_AFTER_MS;
      let total = 0;
      let from: number = settledUpTo;
      while (from < end) {
        const to = Math.min(from + WINDOW_MS, end);
        const window = { from: new Date(from), to: new Date(to), queuedBefore: new Date(end), lanes };
        const { count } = await requeueLost(sql, window, BATCH);
        total += count;
        if (count < BATCH) from = to;
      }
      // Rows of busy lanes may still be queued: only a look at every lane settles a stretch of time.
      if (lanes.length === LANES.length) settledUpTo = Math.max(settledUpTo, end);
      if (total > 0)
        for (const priority of new Set(lanes.map((lane) => partsOf(lane).priority))) wake(priority);
      return total;
    },
  };
}

async function emptyLanes(producer: Producer): Promise<Lane[]> {
  const depths = await Promise.all(LANES.map(async (lane) => ({ lane, depth: await producer.depth(lane) })));
  return depths.filter(({ depth }) => depth.waiting === 0 && depth.active === 0).map(({ lane }) => lane);
}
