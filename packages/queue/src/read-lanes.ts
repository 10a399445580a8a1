import { setTimeout as pause } from 'node:timers/promises';
import { LANES, type Lane } from '@carillon/core/notification/lane';
import type { RedisClient } from './connection.ts';
import { EVENT_QUEUE, openEventQueue } from './event-queue.ts';
import { openQueue } from './lane-queue.ts';
import { oldestWaiting } from './oldest-waiting.ts';

/** The jobs of a lane, or of the queue of events. */
export interface LaneJobs {
  lane: Lane | typeof EVENT_QUEUE;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  isPaused: boolean;
  /** How long the oldest waiting job has waited; 0 if none waits. */
  oldestSeconds: number;
}

/** Reads the lanes for people who look at them. It changes nothing. */
export interface LaneReader {
  /** Null where Redis does not answer. */
  read(): Promise<LaneJobs[] | null>;
  close(): Promise<void>;
}

/** Redis answers in milliseconds; a page does not wait longer. */
const PATIENCE_MS = 1_000;
/** However many people look, Redis is asked this often. */
const FRESH_MS = 1_000;

export function createLaneReader(connection: RedisClient, namespace: string): LaneReader {
  const events = openEventQueue(connection, namespace);
  const queues = [
    ...LANES.map((lane) => ({ lane, queue: openQueue(lane, connection, namespace) })),
    { lane: EVENT_QUEUE, queue: events.queue },
  ] as const;
  const oldest = oldestWaiting<LaneJobs['lane']>();
  let latest: Promise<LaneJobs[] | null> = Promise.resolve(null);
  let askedAt = Number.NEGATIVE_INFINITY;

  const readOne = async ({ lane, queue }: (typeof queues)[number]): Promise<LaneJobs> => {
    const [counts, isPaused, oldestSeconds] = await Promise.all([
      queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'),
      queue.isPaused(),
      oldest(lane, queue),
    ]);
    const { wait = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { lane, waiting: wait + prioritized, active, delayed, failed, isPaused, oldestSeconds };
  };

  const ask = (): Promise<LaneJobs[] | null> => {
    const answered = Promise.all(queues.map(readOne)).catch(() => null);
    return Promise.race([answered, pause(PATIENCE_MS, null, { ref: false })]);
  };

  return {
    read() {
      const now = performance.now();
      if (now - askedAt >= FRESH_MS) {
        askedAt = now;
        latest = ask();
      }
      return latest;
    },
    async close() {
      await Promise.all(queues.map(({ queue }) => queue.close()));
    },
  };
}
