import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RETENTION } from './topology.ts';

/** One event to one endpoint: ids only, the claim in PostgreSQL decides. */
export interface EventJob {
  v: 1;
  event: string;
  endpoint: string;
}

export const EVENT_QUEUE = 'events';
const CONCURRENCY = 100;
/** As a lane: the rest waits in the outbox. */
export const EVENT_MAX_DEPTH = 10_000;

const BROKEN_PIPE_MS = 5_000;

export const eventPrefix = (namespace: string): string => `{${namespace}:${EVENT_QUEUE}}`;

interface Delivery {
  eventId: string;
  endpointId: string;
}

export interface EventQueue {
  publish(deliveries: readonly Delivery[]): Promise<void>;
  /** For what is overdue: makes the jobs that are missing and wakes those that wait for a later time. */
  hurry(deliveries: readonly Delivery[]): Promise<void>;
  waiting(): Promise<number>;
  queue: Queue<EventJob, void, string>;
  close(): Promise<void>;
}

export function openEventQueue(connection: Redis, namespace: string): EventQueue {
  const queue = new Queue<EventJob, void, string>(EVENT_QUEUE, {
    connection,
    prefix: eventPrefix(namespace),
    skipVersionCheck: true,
    skipWaitingForReady: true,
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', () => {});
  const add = (deliveries: readonly Delivery[]) =>
    queue.addBulk(
      deliveries.map(({ eventId, endpointId }) => ({
        name: 'emit',
        data: { v: 1 as const, event: eventId, endpoint: endpointId },
        opts: { jobId: `${eventId}_${endpointId}` },
      })),
    );
  return {
    queue,
    async publish(deliveries) {
      await add(deliveries);
    },
    async hurry(deliveries) {
      const jobs = await add(deliveries);
      // Refused of a job that is not delayed: it is new, or at work.
      await Promise.all(jobs.map((job) => job.promote().catch(() => {})));
    },
    waiting: async () => (await queue.getJobCounts('wait')).wait ?? 0,
    close: () => queue.close(),
  };
}

export interface EventConsumer {
  close(): Promise<void>;
}

/**
 * @param handle tries one delivery; returns when it is tried again (ms since the epoch), or null when it has ended.
 */
export function consumeEvents(options: {
  connection: Redis;
  namespace: string;
  handle(delivery: Delivery): Promise<number | null>;
  onError(error: Error): void;
}): EventConsumer {
  const process = async (job: Job<EventJob, void, string>, token?: string): Promise<void> => {
    const { event, endpoint } = job.data;
    const again = await options.handle({ eventId: event, endpointId: endpoint }).catch((error: Error) => {
      // PostgreSQL away: the row says what is left to do, when it is back.
      options.onError(error);
      return Date.now() + BROKEN_PIPE_MS;
    });
    if (again === null) return;
    await job.moveToDelayed(again, token);
    throw new DelayedError();
  };
  const worker = new Worker<EventJob, void, string>(EVENT_QUEUE, process, {
    connection: options.connection,
    prefix: eventPrefix(options.namespace),
    concurrency: CONCURRENCY,
    // A kept job would make BullMQ ignore the next one of its id: a replay.
    removeOnComplete: { count: 0 },
    removeOnFail: RETENTION.failed,
    lockDuration: 30_000,
    stalledInterval: 15_000,
    maxStalledCount: 1_000,
    drainDelay: 5,
    skipVersionCheck: true,
  });
  worker.on('error', options.onError);
  return { close: () => worker.close() };
}
