import { check, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { apps } from './apps.ts';
import { environment, isEnvironment, time } from './columns.ts';

/** A template's name and which of its versions is published. The text itself is in template_versions. */
export const templates = pgTable(
  'templates',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    key: text('key').notNull(),
    publishedVersion: integer('published_version').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    unique('templates_key').on(t.appId, t.environment, t.key),
    check('templates_environment', isEnvironment(t.environment)),
  ],
);
