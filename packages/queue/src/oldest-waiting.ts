import type { Job } from 'bullmq';
import { JOB_NAMES } from './job-data.ts';

/** The part of a queue that is read here. */
export interface WaitingQueue {
  getJobs(types: ['wait'], start: number, end: number, asc: true): Promise<Job[]>;
}

/** Canaries jump the queue: this many jobs are read to find one that did not. */
const LOOK_AT = 8;

/**
 * How long the oldest job of a lane has waited, in seconds; 0 if none waits. A job that was never worked on waits since
 * it was made, or since its delay ended. Of one that came back, Redis does not keep when it came: it counts from when it
 * was first seen here as the oldest.
 */
export function oldestWaiting<Lane extends string>(
  now: () => number = Date.now,
): (lane: Lane, queue: WaitingQueue) => Promise<number> {
  const firstSeen = new Map<Lane, { id: string; at: number }>();
  return async (lane, queue) => {
    const jobs = (await queue.getJobs(['wait'], 0, LOOK_AT - 1, true)).filter(
      (job) => job && job.name !== JOB_NAMES.canary,
    );
    const [front] = jobs;
    if (!front?.id) {
      firstSeen.delete(lane);
      return 0;
    }
    const seen = firstSeen.get(lane);
    const at = seen?.id === front.id ? seen.at : now();
    firstSeen.set(lane, { id: front.id, at });
    const starts = jobs
      .filter(({ processedOn }) => processedOn === undefined)
      .map(({ timestamp, opts }) => timestamp + (opts.delay ?? 0));
    return Math.max(0, now() - Math.min(at, ...starts)) / 1000;
  };
}
