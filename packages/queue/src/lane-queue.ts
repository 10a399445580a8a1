import type { Lane } from '@carillon/core/notification/lane';
import { Queue } from 'bullmq';
import type { RedisClient } from './connection.ts';
import type { JobData } from './job-data.ts';
import { prefixOf } from './topology.ts';

export type LaneQueue = Queue<JobData, void, string>;

/** Opens a lane for publishing and reading. Close it with `.close()`; the caller keeps the connection. */
export function openQueue(lane: Lane, connection: RedisClient, namespace: string): LaneQueue {
  const queue: LaneQueue = new Queue(lane, {
    connection,
    prefix: prefixOf(lane, namespace),
    skipVersionCheck: true,
    skipWaitingForReady: true,
    // Lane defaults live here and in the worker, not in each job: options push a job's hash out of its compact form
    // (345 -> 790 bytes).
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', () => {});
  return queue;
}
