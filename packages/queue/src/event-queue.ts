import { type Job, Queue, Worker } from 'bullmq';
import type { RedisClient } from './connection.ts';
import { RETENTION } from './topology.ts';

/**
 * One event to one endpoint, ids only. To a worker it means only that the endpoint may have something due: PostgreSQL
 * holds what is due, and the worker sends all of it. So a lost or an extra job changes nothing.
 */
export interface EventJob {
  v: 1;
  event: string;
  endpoint: string;
}

export const EVENT_QUEUE = 'events';
/** A job is handled immediately: the slow part, the call of the endpoint, is not part of it. */
const CONCURRENCY = 50;
/** As a lane: the rest waits in the outbox. */
export const EVENT_MAX_DEPTH = 10_000;
/** Jobs per endpoint that one publication makes: enough to reach every worker process. */
const JOBS_PER_ENDPOINT = 16;

export const eventPrefix = (namespace: string): string => `{${namespace}:${EVENT_QUEUE}}`;

interface Delivery {
  eventId: string;
  endpointId: string;
}

export interface EventQueue {
  /** Makes jobs for deliveries that are new: for the first JOBS_PER_ENDPOINT of each endpoint. */
  publish(deliveries: readonly Delivery[]): Promise<void>;
  /** For overdue deliveries: makes their jobs, replacing any earlier ones of the same name. */
  hurry(deliveries: readonly Delivery[]): Promise<void>;
  waiting(): Promise<number>;
  queue: Queue<EventJob, void, string>;
  close(): Promise<void>;
}

export function openEventQueue(connection: RedisClient, namespace: string): EventQueue {
  const queue = new Queue<EventJob, void, string>(EVENT_QUEUE, {
    connection,
    prefix: eventPrefix(namespace),
    skipVersionCheck: true,
    skipWaitingForReady: true,
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', () => {});
  const add = (jobs: readonly (Delivery & { jobId: string })[]) =>
    queue.addBulk(
      jobs.map(({ eventId, endpointId, jobId }) => ({
        name: 'emit',
        data: { v: 1 as const, event: eventId, endpoint: endpointId },
        opts: { jobId },
      })),
    );
  return {
    queue,
    async publish(deliveries) {
      const ofEach = Map.groupBy(deliveries, ({ endpointId }) => endpointId);
      const first = [...ofEach.values()].flatMap((own) => own.slice(0, JOBS_PER_ENDPOINT));
      await add(first.map((delivery) => ({ ...delivery, jobId: idOf(delivery) })));
    },
    async hurry(deliveries) {
      const room = await Promise.all(
        deliveries.map(async (delivery) => {
          let jobId = idOf(delivery);
          // BullMQ ignores a second job of the same name, also where the first is in no list any longer. An active one
          // cannot be removed; the new one then gets another name.
          while ((await queue.remove(jobId)) === 0) jobId += '_again';
          return { ...delivery, jobId };
        }),
      );
      await add(room);
    },
    waiting: async () => (await queue.getJobCounts('wait')).wait ?? 0,
    close: () => queue.close(),
  };
}

const idOf = ({ eventId, endpointId }: Delivery): string => `${eventId}_${endpointId}`;

export interface EventConsumer {
  close(): Promise<void>;
}

/** @param handle is called when an endpoint may have something due; it does not wait until that is delivered. */
export function consumeEvents(options: {
  connection: RedisClient;
  namespace: string;
  handle(endpointId: string): void;
  onError(error: Error): void;
}): EventConsumer {
  const process = async (job: Job<Partial<EventJob> | undefined, void, string>): Promise<void> => {
    // A job whose hash was lost has no data; the overdue-events duty makes another.
    if (typeof job.data?.endpoint === 'string') options.handle(job.data.endpoint);
  };
  const worker = new Worker<Partial<EventJob> | undefined, void, string>(EVENT_QUEUE, process, {
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
