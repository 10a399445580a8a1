import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/** A client web app: the tenant. Everything below it is scoped by (app_id, environment). */
export const apps = pgTable('apps', {
  id: uuid('id').primaryKey().defaultRandom(),
  name: text('name').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});
