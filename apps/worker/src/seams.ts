import type { Lane } from '@carillon/core/lane';
import type { Database } from '@carillon/db/client';
import type { Producer } from '@carillon/queue/producer';
import type { Redis } from 'ioredis';
import type { Steps } from './deliver/steps.ts';

/**
 * Where something may be put between the parts of a worker. The product puts nothing there; test/chaos puts parts that
 * kill their process at a named step, so that crash points need no switch in product code.
 */
export interface WorkerSeams {
  /** Every statement of relay, deliveries and maintenance. */
  database(database: Database): Database;
  /** What the relay and the lanes publish. */
  producer(producer: Producer): Producer;
  /** The connection of maintenance (the epoch key). */
  redis(redis: Redis): Redis;
  steps(steps: Steps, lane: Lane): Steps;
}

export const NO_SEAMS: WorkerSeams = {
  database: (database) => database,
  producer: (producer) => producer,
  redis: (redis) => redis,
  steps: (steps) => steps,
};
