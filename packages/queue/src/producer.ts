import type { Lane } from '@carillon/core/notification/lane';
import { chunkId } from '@carillon/core/text/ids';
import type { RedisClient } from './connection.ts';
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
  /** Of the span that publishes them; undefined if it is not traced. */
  traceparent?: string | undefined;
}

/** Puts work into lanes. Everything rejects at once while Redis is away: callers keep their outbox rows. */
export interface Producer {
  publish(lane: Lane, publication: Publication): Promise<void>;
  /** Jobs that wait or are delayed in a lane. */
  depth(lane: Lane): Promise<{ waiting: number; delayed: number; active: number }>;
  /** Jobs in the failed set of a lane, which keeps the newest 10,000. */
  failed(lane: Lane): Promise<number>;
  queue(lane: Lane): LaneQueue;
  close(): Promise<void>;
}

export function createProducer(connection: RedisClient, namespace: string): Producer {
  const queues = new Map<Lane, LaneQueue>();
  const queue = (lane: Lane): LaneQueue => {
    const open = queues.get(lane) ?? openQueue(lane, connection, namespace);
    queues.set(lane, open);
    return open;
  };

  return {
    queue,

    async publish(lane, { ids, chunk = false, delayMs = 0, replace = false, traceparent }) {
      const traced = traceparent === undefined ? {} : { traceparent };
      const work: Work[] = chunk
        ? slices(ids, CHUNK_SIZE).map((slice) => ({
            name: JOB_NAMES.chunk,
            data: { v: 1, ids: slice, ...traced },
            jobId: chunkId(slice),
          }))
        : ids.map((id) => ({ name: JOB_NAMES.deliver, data: { v: 1, id, ...traced }, jobId: id }));
      if (replace) await makeRoom(queue(lane), ids, work);
      const opts = delayMs > 0 ? { delay: delayMs } : {};
      await queue(lane).addBulk(
        work.map(({ name, data, jobId }) => ({ name, data, opts: { jobId, ...opts } })),
      );
    },

    async depth(lane) {
      const counts = await queue(lane).getJobCounts('wait', 'prioritized', 'delayed', 'active');
      const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
      return { waiting: wait + prioritized, delayed, active };
    },

    async failed(lane) {
      return queue(lane).getJobCountByTypes('failed');
    },

    async close() {
      await Promise.all([...queues.values()].map((each) => each.close()));
    },
  };
}

interface Work {
  name: string;
  data: JobData;
  jobId: string;
}

/**
 * Removes what is left of earlier jobs: BullMQ would ignore a second one of the same name, even a finished one that is
 * kept for Bull Board. An active one cannot be removed; the new job then gets another name.
 */
async function makeRoom(queue: LaneQueue, ids: readonly string[], work: readonly Work[]): Promise<void> {
  const chunked = work.length < ids.length;
  // The members of a chunk had jobs of their own, which would block the new job of one that leaves the chunk.
  if (chunked) await Promise.all(ids.map((id) => queue.remove(id)));
  await Promise.all(
    work.map(async (each) => {
      while ((await queue.remove(each.jobId)) === 0) each.jobId += '_again';
    }),
  );
}

function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, k) =>
    items.slice(k * size, (k + 1) * size),
  );
}
