import type { Database } from '@carillon/db/connection/client';
import type { SetStatements } from '@carillon/db/connection/set-statements';
import type { RedisClient } from '@carillon/queue/connection';
import type { Producer } from '@carillon/queue/producer';
import { type DeliverySeams, NO_DELIVERY_SEAMS } from './deliver/context.ts';

/**
 * Hooks between the parts of a worker. The product leaves them empty; test/chaos inserts parts that kill their process
 * at a named point, so that crash points need no switch in product code.
 */
export interface WorkerSeams {
  /** Every statement of relay, deliveries and maintenance. */
  database(database: Database): Database;
  /** Statements over many rows: freezing an audience. */
  sets(sets: SetStatements): SetStatements;
  /** What the relay and the lanes publish. */
  producer(producer: Producer): Producer;
  /** The connection of maintenance (the epoch key). */
  redis(redis: RedisClient): RedisClient;
  /** Between the steps of a delivery. */
  delivery: DeliverySeams;
}

export const NO_SEAMS: WorkerSeams = {
  database: (database) => database,
  sets: (sets) => sets,
  producer: (producer) => producer,
  redis: (redis) => redis,
  delivery: NO_DELIVERY_SEAMS,
};
