import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, time } from './columns.ts';

export const EVENT_DELIVERY_STATES = ['pending', 'delivered', 'failed', 'dropped'] as const;

/** One event to one endpoint. `failed`: the tries are used up; `dropped`: the endpoint is gone or disabled. */
export const eventDeliveries = pgTable(
  'event_deliveries',
  {
    eventId: uuid('event_id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    state: text('state', { enum: EVENT_DELIVERY_STATES }).notNull().default('pending'),
    tries: smallint('tries').notNull().default(0),
    /** When it is tried next, while pending. The truth; delayed jobs only mirror it. */
    nextTryAt: time('next_try_at'),
    /** Held by the process that tries it now. */
    leaseUntil: time('lease_until'),
    lastTriedAt: time('last_tried_at'),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    lastLatencyMs: integer('last_latency_ms'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.eventId, t.endpointId] }),
    // Serves "what is due and has no job any more?"
    index('event_deliveries_due').on(t.nextTryAt).where(sql`${t.state} = 'pending'`),
    // Serves GET /v1/webhook-endpoints/{id}/deliveries, newest first.
    index('event_deliveries_of').on(t.endpointId, t.createdAt),
    check('event_deliveries_state', isOneOf(t.state, EVENT_DELIVERY_STATES)),
    check('event_deliveries_due_while_pending', sql`(${t.state} = 'pending') = (${t.nextTryAt} is not null)`),
  ],
);
