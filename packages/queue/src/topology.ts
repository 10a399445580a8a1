import { type Lane, partsOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';

/**
 * The lanes as BullMQ sees them: one table from which producers, consumers, the relay and Bull Board derive everything.
 * Names come from `@carillon/core/lane`.
 */
export interface LaneSettings {
  /**
   * Jobs the lane may hold waiting; the rest waits in the outbox, so Redis memory does not follow the backlog. In bulk
   * lanes a job is a hundred notifications, and what waits in the lane waits in one line for all apps: it holds only
   * seconds of work, so that an app with a thousand messages does not wait behind a million of another.
   */
  maxDepth: number;
  /** Delayed jobs the lane may hold; then only what is due now is taken out of the outbox. */
  maxDelayed: number;
  /** Jobs one worker process handles at the same time. */
  concurrency: number;
  /** May many notifications travel as one job? Not where each must leave the moment it arrives. */
  chunks: boolean;
  /** How long the lock of a silent worker holds; a live one renews it every quarter of that. */
  lockMs: number;
  /** How often the lane is searched for jobs of dead workers. One comes back within `lockMs` + 2 x this. */
  stallCheckMs: number;
  /**
   * How long a worker sleeps on an empty lane before it looks again. Redis wakes one sleeper per new job; where that is
   * a process that hangs, or whose machine is gone, the job waits for another worker's look.
   */
  sleepSeconds: number;
}

const BY_PRIORITY: Readonly<Record<Priority, LaneSettings>> = {
  critical: {
    maxDepth: 10_000,
    maxDelayed: 10_000,
    concurrency: 100,
    chunks: false,
    lockMs: 8_000,
    stallCheckMs: 2_000,
    sleepSeconds: 1,
  },
  normal: {
    maxDepth: 10_000,
    maxDelayed: 10_000,
    concurrency: 50,
    chunks: true,
    lockMs: 20_000,
    stallCheckMs: 5_000,
    sleepSeconds: 5,
  },
  bulk: {
    maxDepth: 100,
    maxDelayed: 10_000,
    concurrency: 24,
    chunks: true,
    lockMs: 20_000,
    stallCheckMs: 5_000,
    sleepSeconds: 5,
  },
};

export function settingsOf(lane: Lane): LaneSettings {
  return BY_PRIORITY[partsOf(lane).priority];
}

/** Notifications in one chunk job at most: one outbox row. More gains nothing (performance: 1.4 us each at 100). */
export const CHUNK_SIZE = 100;

/** Finished jobs kept for Bull Board. Nothing else depends on them: PostgreSQL is authoritative. */
export const RETENTION = {
  completed: { count: 100 },
  failed: { count: 10_000, age: 30 * 24 * 3600 },
} as const;

/** Each lane has a hash tag of its own, so that on a Redis Cluster the lanes spread over the shards. */
export function prefixOf(lane: Lane, namespace: string): string {
  return `{${namespace}:${lane}}`;
}
