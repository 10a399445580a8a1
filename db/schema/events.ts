import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { environment, time } from './columns.ts';

/**
 * What happened, for customers' endpoints: written in the commit of the change itself, and only where an endpoint wants
 * it. The id is the `webhook-id` of every try, so that a receiver can drop a repetition.
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
