import { chunkId } from '@carillon/core/ids';
import type { Lane } from '@carillon/core/lane';
import type { Redis } from 'ioredis';
import { JOB_NAMES, type JobData } from './job-data.ts';
import { type LaneQueue, openQueue } from './lane-queue.ts';
import { CHUNK_SIZE } from './topology.ts';

export interface Publication {
  ids: readonly string[];
  /** One job per CHUNK_SIZE ids instead of one per id. */
  chunk?: boolean;
  /** Milliseconds until the jobs come due. */
  delayMs?: number;
  /** True when an older job of these ids may still lie in the lane: BullMQ ignores a second job of the same id. */
  replace?: boolean;
}

/** Puts work into lanes. Everything rejects at once while Redis is away: callers keep their outbox rows. */
export interface Producer {
  publish(lane: Lane, publication: Publication): Promise<void>;
  /** Jobs that wait or are delayed in a lane. */
  depth(lane: Lane): Promise<{ waiting: number; delayed: number; active: number }>;
  queue(lane: Lane): LaneQueue;
  close(): Promise<void>;
}

export function createProducer(connection: Redis, namespace: string): Producer {
  const queues = new Map<Lane, LaneQueue>();
  const queue = (lane: Lane): LaneQueue => {
    const open = queues.get(lane) ?? openQueue(lane, connection, namespace);
    queues.set(lane, open);
    return open;
  };

  return {
    queue,

    async publish(lane, { ids, chunk = false, delayMs = 0, replace = false }) {
      if (replace) await Promise.all(ids.map((id) => queue(lane).remove(id)));
      const opts = delayMs > 0 ? { delay: delayMs } : {};
      const jobs: { name: string; data: JobData; opts: { jobId: string; delay?: number } }[] = chunk
        ? slices(ids, CHUNK_SIZE).map((slice) => ({
            name: JOB_NAMES.chunk,
            data: { v: 1, ids: slice },
            opts: { jobId: chunkId(slice), ...opts },
          }))
        : ids.map((id) => ({ name: JOB_NAMES.deliver, data: { v: 1, id }, opts: { jobId: id, ...opts } }));
      await queue(lane).addBulk(jobs);
    },

    async depth(lane) {
      const counts = await queue(lane).getJobCounts('wait', 'prioritized', 'delayed', 'active');
      return {
        waiting: (counts['wait'] ?? 0) + (counts['prioritized'] ?? 0),
        delayed: counts['delayed'] ?? 0,
        active: counts['active'] ?? 0,
      };
    },

    async close() {
      await Promise.all([...queues.values()].map((each) => each.close()));
    },
  };
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
