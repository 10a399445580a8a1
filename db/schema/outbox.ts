import { LANES } from '@carillon/core/notification/lane';
import { sql } from 'drizzle-orm';
import { bigint, check, index, jsonb, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, time } from './columns.ts';

/**
 * `delivery.requested`: ids that never had a job. `delivery.resumed`: ids whose old job may still lie in the lane
 * (failed set, delayed), so the relay makes room first. `event.emitted`: events for customers' endpoints.
 */
export const OUTBOX_KINDS = ['delivery.requested', 'delivery.resumed', 'event.emitted'] as const;

/** In place of an app: work of several, or of a release that did not say. */
export const NO_APP = '00000000-0000-0000-0000-000000000000';

/**
 * Work announced in the transaction that made it. One row per lane and at most 100 ids of a commit; deleted when its
 * jobs are in the lane. Claimed per lane with SKIP LOCKED, never by a cursor over the sequence: ids become visible
 * out of order, and one FIFO for all lanes would make a critical message wait behind a campaign.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind', { enum: OUTBOX_KINDS }).notNull().default('delivery.requested'),
    lane: text('lane').notNull(),
    ids: uuid('ids').array().notNull(),
    /** Whose notifications they are, in bulk lanes: there the apps with work take turns. NO_APP: not known. */
    appId: uuid('app_id').notNull().default(NO_APP),
    /** When its jobs come due: the relay publishes at once and delays them until then. */
    availableAt: time('available_at'),
    /** Version of this row's meaning, so that an older relay leaves newer rows alone. */
    version: smallint('version').notNull().default(1),
    /** The distinct traceparents of its ids, which the relay's span links to; null if none of them is traced. */
    traceContext: jsonb('trace_context').$type<{ traceparents: string[] }>(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    // Serves the relay: what is due in a lane, oldest first. A far-off `available_at` never blocks others.
    index('outbox_due').on(t.lane, sql`coalesce(${t.availableAt}, ${t.createdAt})`),
    // Serves the relay of bulk lanes: the same of each app.
    index('outbox_due_by_app').on(t.lane, t.appId, sql`coalesce(${t.availableAt}, ${t.createdAt})`),
    check('outbox_kind', isOneOf(t.kind, OUTBOX_KINDS)),
    check('outbox_lane', isOneOf(t.lane, [...LANES, 'events'])),
    check('outbox_ids', sql`cardinality(${t.ids}) between 1 and 100`),
  ],
);

/** The copy of the random epoch key in Redis. Different or missing there: Redis was lost and must be rebuilt. */
export const redisEpoch = pgTable('redis_epoch', {
  namespace: text('namespace').primaryKey(),
  epoch: text('epoch').notNull(),
  changedAt: time('changed_at').notNull().defaultNow(),
  /** Rows created before this moment were re-enqueued up to here; null when the rebuild is complete. */
  rebuildFrom: time('rebuild_from'),
});
