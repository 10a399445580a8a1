import { DELIVERY_POLICIES } from '@carillon/core/delivery-policy';
import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { apps } from './apps.ts';
import { environment, isEnvironment, isOneOf, time } from './columns.ts';

/** How an app wants messages of a category treated. The category `*` holds for all that have no row of their own. */
export const categories = pgTable(
  'categories',
  {
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    name: text('name').notNull(),
    /** What decides a doubt that evidence does not. */
    deliveryPolicy: text('delivery_policy', { enum: DELIVERY_POLICIES }).notNull().default('resolve'),
    /** How long evidence is waited for; null is the default of the priority. */
    resolveWithinSeconds: integer('resolve_within_seconds'),
    /** Waits before the 2nd, 3rd ... try; null is the schedule of the priority. */
    backoffSeconds: integer('backoff_seconds').array(),
    /** E-mail: a pixel tells of opens, rewritten links tell of clicks. Off unless wanted. */
    trackOpens: boolean('track_opens').notNull().default(false),
    trackClicks: boolean('track_clicks').notNull().default(false),
    /** May people opt out of it? Then its e-mails carry List-Unsubscribe headers. */
    unsubscribable: boolean('unsubscribable').notNull().default(false),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.name] }),
    check('categories_environment', isEnvironment(t.environment)),
    check('categories_policy', isOneOf(t.deliveryPolicy, DELIVERY_POLICIES)),
    check('categories_resolve_within', sql`${t.resolveWithinSeconds} between 1 and 86400`),
    check('categories_backoff', sql`cardinality(${t.backoffSeconds}) between 1 and 20`),
  ],
);
