import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apps } from './apps.ts';
import { bytea, environment, isEnvironment, time } from './columns.ts';

/** Where a customer wants to be told of events. Secrets are sealed like provider credentials; two live while one rotates. */
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
    /** Empty is every event. */
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
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** The first failure since the last success: five days of them disable the endpoint. */
    failingSince: time('failing_since'),
    disabledAt: time('disabled_at'),
    disabledReason: text('disabled_reason'),
  },
  (t) => [
    // Serves the trigger that writes events: "does this app want to hear of it?"
    index('webhook_endpoints_of').on(t.appId, t.environment),
    check('webhook_endpoints_environment', isEnvironment(t.environment)),
    check(
      'webhook_endpoints_previous',
      sql`(${t.previousSecret} is null) = (${t.previousUntil} is null) and (${t.previousSecret} is null) = (${t.previousDataKey} is null)`,
    ),
  ],
);
