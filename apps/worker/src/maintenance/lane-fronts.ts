import { LANES, type Lane } from '@carillon/core/notification/lane';
import { JOB_NAMES } from '@carillon/queue/job-data';
import type { Producer } from '@carillon/queue/producer';

/** How far a lane has come: whatever was queued before that moment has left it, or has lost its job. */
export interface LaneFront {
  lane: Lane;
  queuedBefore: Date;
  /** It has no waiting and no active jobs. */
  empty: boolean;
}

/** A job may be on its way from the relay to its lane for this long. */
const ON_ITS_WAY_MS = 30_000;

/** A job in hand may wait for its turn in its process for this long before it claims anything. */
const IN_HAND_MS = 120_000;

/** By how much the clocks of the queueing processes may differ. */
const CLOCKS_MS = 60_000;

/** Canaries jump the queue: this many jobs are read to find one that did not. */
const LOOK_AT = 8;

/**
 * The front of every lane. Jobs leave a lane in the order in which they came, so whatever was queued well before the
 * oldest waiting job is no longer waiting; one that came out of a delay or the failed set keeps its old time, which
 * only makes the front too cautious.
 */
export async function laneFronts(producer: Producer, now: number): Promise<LaneFront[]> {
  const fronts = await Promise.all(
    LANES.map(async (lane) => {
      const { waiting, active } = await producer.depth(lane);
      const empty = waiting === 0 && active === 0;
      const before = waiting === 0 ? now : await oldestWaiting(producer, lane);
      if (before === null) return null;
      const slackMs = Math.max(ON_ITS_WAY_MS, active > 0 ? IN_HAND_MS : 0, waiting > 0 ? CLOCKS_MS : 0);
      return { lane, queuedBefore: new Date(Math.min(before, now) - slackMs), empty };
    }),
  );
  return fronts.filter((front) => front !== null);
}

/** Milliseconds since the epoch; null if only canaries were seen. */
async function oldestWaiting(producer: Producer, lane: Lane): Promise<number | null> {
  const jobs = await producer.queue(lane).getJobs(['wait'], 0, LOOK_AT - 1, true);
  const times = jobs.flatMap((job) => (!job || job.name === JOB_NAMES.canary ? [] : [job.timestamp]));
  return times.length === 0 ? null : Math.min(...times);
}
