import { check, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { apps } from './apps.ts';
import { environment, isEnvironment, time } from './columns.ts';

/** A person of an app, by the id the app gives them. */
export const recipients = pgTable(
  'recipients',
  {
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    id: text('id').notNull(),
    locale: text('locale'),
    timeZone: text('time_zone'),
    attributes: jsonb('attributes').$type<Record<string, unknown>>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.id] }),
    check('recipients_environment', isEnvironment(t.environment)),
  ],
);
