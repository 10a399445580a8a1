import type { Cap, QuietHours } from '@carillon/core/preferences';
import { foreignKey, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { environment, time } from './columns.ts';
import { recipients } from './recipients.ts';

/** What a person wants to get, and when. Looked at in the claim, at the last moment before a send. */
export const userPreferences = pgTable(
  'user_preferences',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    /** `{ "email": false }`: channels opted out of; a channel that is not named is on. */
    channels: jsonb('channels').$type<Record<string, boolean>>().notNull().default({}),
    /** `{ "marketing": false }`: categories opted out of; one that is not named is on. */
    categories: jsonb('categories').$type<Record<string, boolean>>().notNull().default({}),
    quietHours: jsonb('quiet_hours').$type<QuietHours>(),
    caps: jsonb('caps').$type<Cap[]>().notNull().default([]),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.recipientId] }),
    foreignKey({
      name: 'user_preferences_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
  ],
);
