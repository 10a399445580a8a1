import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, environment, isEnvironment, isOneOf, time } from './columns.ts';

/** A secret of an earlier rotation: sealed like the others, base64 where they are bytes. */
export interface OlderSecret {
  secret: string;
  data_key: string;
  key_id: string;
  /** Until when signatures are made with it: an ISO 8601 time. */
  until: string;
}

/**
 * The URL at which a customer receives events. Secrets are sealed like provider credentials; earlier ones stay valid
 * during a rotation.
 */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    url: text('url').notNull(),
    description: text('description'),
    /** Empty means every event. */
    eventTypes: text('event_types').array().notNull().default([]),
    /** The sealed signing secret (credentials, wrapped data key, key id as in provider_accounts). */
    secret: bytea('secret').notNull(),
    dataKey: bytea('data_key').notNull(),
    keyId: text('key_id').notNull(),
    /** The secret before the last rotation, and until when signatures are made with it too. */
    previousSecret: bytea('previous_secret'),
    previousDataKey: bytea('previous_data_key'),
    previousKeyId: text('previous_key_id'),
    previousUntil: time('previous_until'),
    /** Those before it whose own overlap is not over yet. */
    olderSecrets: jsonb('older_secrets').$type<OlderSecret[]>().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** The first failure since the last success: five days of them disable the endpoint. */
    failingSince: time('failing_since'),
    disabledAt: time('disabled_at'),
    disabledReason: text('disabled_reason'),
  },
  (t) => [
    // Serves the trigger that writes events: "does this app want this event?"
    index('webhook_endpoints_of').on(t.appId, t.environment),
    check('webhook_endpoints_environment', isEnvironment(t.environment)),
    check(
      'webhook_endpoints_previous',
      sql`(${t.previousSecret} is null) = (${t.previousUntil} is null) and (${t.previousSecret} is null) = (${t.previousDataKey} is null)`,
    ),
  ],
);

/**
 * Events for customers' endpoints: written in the commit of the change itself, and only where an endpoint wants it. The
 * id is the `webhook-id` of every try, so that a receiver can drop a repetition.
 */
export const events = pgTable(
  'events',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    type: text('type').notNull(),
    notificationId: uuid('notification_id'),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    // Serves replay of a time range, and prune.
    index('events_by_age').on(t.appId, t.environment, t.createdAt),
    index('events_of').on(t.notificationId),
  ],
);

export const EVENT_DELIVERY_STATES = ['pending', 'delivered', 'failed', 'dropped'] as const;

/** One event to one endpoint. `failed`: the tries are used up; `dropped`: the endpoint is deleted or disabled. */
export const eventDeliveries = pgTable(
  'event_deliveries',
  {
    eventId: uuid('event_id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    state: text('state', { enum: EVENT_DELIVERY_STATES }).notNull().default('pending'),
    tries: smallint('tries').notNull().default(0),
    /** When it is tried next, while pending. Authoritative; delayed jobs only mirror it. */
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
    // Serves the claim: what is due for this endpoint, independent of the backlog of others.
    index('event_deliveries_due_of').on(t.endpointId, t.nextTryAt).where(sql`${t.state} = 'pending'`),
    // Serves GET /v1/webhook-endpoints/{id}/deliveries, newest first.
    index('event_deliveries_of').on(t.endpointId, t.createdAt),
    check('event_deliveries_state', isOneOf(t.state, EVENT_DELIVERY_STATES)),
    check('event_deliveries_due_while_pending', sql`(${t.state} = 'pending') = (${t.nextTryAt} is not null)`),
  ],
);
