import { pgTable, text } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** The copy of the random epoch key in Redis. Different or missing there: Redis was lost and must be rebuilt. */
export const redisEpoch = pgTable('redis_epoch', {
  namespace: text('namespace').primaryKey(),
  epoch: text('epoch').notNull(),
  changedAt: time('changed_at').notNull().defaultNow(),
  /** Rows created before this moment were re-enqueued up to here; null when the rebuild is complete. */
  rebuildFrom: time('rebuild_from'),
});
