import type { Lane } from '@carillon/core/notification/lane';
import { JOB_NAMES } from '@carillon/queue/job-data';
import type { Producer } from '@carillon/queue/producer';
import type { Duty } from '../service.ts';

/**
 * Sends a small job through every lane this process serves. BullMQ workers have been seen to hang after an outage while
 * they report themselves running; only a job that comes out proves that a lane moves. A lane whose canaries do not
 * come out while Redis answers is hung, and the process should be restarted.
 */
export interface Canary extends Duty {
  /** Called when a canary comes out of a lane. */
  seen(lane: Lane): void;
  /** Seconds since a canary last came out of each lane (or since the start). */
  ageSeconds(lane: Lane): number;
  /** Lanes whose canary is overdue although Redis accepted and kept it, or whose Redis answers and refuses writes. */
  hung(): Lane[];
}

const EVERY_MS = 10_000;
const HUNG_AFTER_MS = 60_000;

export interface CanaryOptions {
  producer: Producer;
  /** Whether Redis answers and refuses writes: then no lane moves, however many canaries it gets. */
  refusesWrites?(): boolean;
  lanes: readonly Lane[];
  /** Lanes that wait for a provider on purpose: they get no canaries, and do not count as hung. */
  rests?(lane: Lane): boolean;
  now?(): number;
}

export function canary({
  producer,
  lanes,
  refusesWrites = () => false,
  rests = () => false,
  now = Date.now,
}: CanaryOptions): Canary {
  const lastSeen = new Map<Lane, number>(lanes.map((lane) => [lane, now()]));
  /** Since when canaries of this lane go in and none comes out. */
  const missingSince = new Map<Lane, number>();

  return {
    name: 'canary',
    everyMs: EVERY_MS,
    async runOnce() {
      const slot = Math.floor(now() / EVERY_MS);
      const sent = await Promise.allSettled(lanes.map((lane) => sendCanary(lane, slot)));
      const failed = sent.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
      return sent.filter((each) => each.status === 'fulfilled' && each.value).length;
    },
    seen: (lane) => {
      lastSeen.set(lane, now());
      missingSince.delete(lane);
    },
    ageSeconds: (lane) => (now() - (lastSeen.get(lane) ?? now())) / 1000,
    hung: () =>
      lanes.filter((lane) => !rests(lane) && now() - (missingSince.get(lane) ?? now()) > HUNG_AFTER_MS),
  };

  /** @returns whether the lane got one. */
  async function sendCanary(lane: Lane, slot: number): Promise<boolean> {
    if (rests(lane)) {
      lastSeen.set(lane, now());
      missingSince.delete(lane);
      return false;
    }
    try {
      const before = await producer.queue(lane).getJobState(`canary_${slot - 2}`);
      // Completed, or completed and pruned: a worker took it. Anything else after 20 s is a lane that does not move.
      if (before === 'completed' || before === 'unknown' || before === 'active') missingSince.delete(lane);
      else if (!missingSince.has(lane)) missingSince.set(lane, now());
      // Last in, first out: behind a backlog a canary would only measure the backlog.
      const options = { jobId: `canary_${slot}`, lifo: true };
      await producer.queue(lane).add(JOB_NAMES.canary, { v: 1, canary: slot }, options);
      return true;
    } catch (error) {
      // Its Redis is away: that is not the lane's fault, and the count starts again when it is back.
      if (!refusesWrites()) missingSince.delete(lane);
      else if (!missingSince.has(lane)) missingSince.set(lane, now());
      throw error;
    }
  }
}
