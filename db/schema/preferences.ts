import { DELIVERY_POLICIES } from '@carillon/core/notification/delivery-policy';
import type { ByLocale } from '@carillon/core/recipient/locale';
import type { Cap, CategoryWish, QuietHours } from '@carillon/core/recipient/preferences';
import { SUPPRESSION_REASONS } from '@carillon/core/recipient/suppression';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, channel, environment, isChannel, isEnvironment, isOneOf, time } from './columns.ts';
import { recipients } from './recipients.ts';

/** How an app wants messages of a category treated. The category `*` applies to all that have no row of their own. */
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
    /** How long to wait for evidence; null is the default of the priority. */
    resolveWithinSeconds: integer('resolve_within_seconds'),
    /** Waits before the 2nd, 3rd ... try; null is the schedule of the priority. */
    backoffSeconds: integer('backoff_seconds').array(),
    /** E-mail: a pixel reports opens, rewritten links report clicks. Off by default. */
    trackOpens: boolean('track_opens').notNull().default(false),
    trackClicks: boolean('track_clicks').notNull().default(false),
    /** May people opt out of it? Then its e-mails carry List-Unsubscribe headers. */
    unsubscribable: boolean('unsubscribable').notNull().default(false),
    /** One-time passwords and the like: the texts of its messages are removed as soon as they are final. */
    secret: boolean('secret').notNull().default(false),
    /** What people see of it, by locale. */
    titles: jsonb('titles').$type<ByLocale>().notNull().default({}),
    descriptions: jsonb('descriptions').$type<ByLocale>().notNull().default({}),
    /** Whether recipients who said nothing about it get it. */
    defaultOn: boolean('default_on').notNull().default(true),
    /** Nobody can opt out of it: what was said about it before does not count. */
    locked: boolean('locked').notNull().default(false),
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

/** Which messages a person wants, and when. Read in the claim, at the last moment before a send. */
export const userPreferences = pgTable(
  'user_preferences',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    /** `{ "email": false }`: channels opted out of; a channel that is not listed is on. */
    channels: jsonb('channels').$type<Record<string, boolean>>().notNull().default({}),
    /** `{ "marketing": false, "news": { "sms": false } }`; of releases without the inner form, booleans only. */
    categories: jsonb('categories').$type<Record<string, CategoryWish>>().notNull().default({}),
    quietHours: jsonb('quiet_hours').$type<QuietHours>(),
    caps: jsonb('caps').$type<Cap[]>().notNull().default([]),
    /** Until then everything but critical messages is held. */
    pausedUntil: time('paused_until'),
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

/** One row for each notification that counts against the caps of its recipient; only recipients with caps have any. */
export const capUses = pgTable(
  'cap_uses',
  {
    notificationId: uuid('notification_id').primaryKey(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    channel: channel(),
    category: text('category'),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [
    // Serves the guard: "how many did this person get since ...?"
    index('cap_uses_of').on(t.appId, t.environment, t.recipientId, t.at),
    // Serves prune.
    index('cap_uses_by_age').on(t.at),
    check('cap_uses_channel', isChannel(t.channel)),
  ],
);

/** Addresses that nothing is sent to, and what caused it. The evidence itself is in the rows that the cause names. */
export const suppressions = pgTable(
  'suppressions',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    channel: channel(),
    addressHash: bytea('address_hash').notNull(),
    reason: text('reason', { enum: SUPPRESSION_REASONS }).notNull(),
    /** For people: which receipt, whose request. */
    detail: text('detail'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Who added it (SUPPRESSION_ACTORS, `key:<key id>`, `staff:<e-mail>`); null in rows of releases without it. */
    addedBy: text('added_by'),
    /** The account whose receipt or answer caused it, the receipt's id, and the call that was answered. */
    providerAccount: text('provider_account'),
    eventId: text('event_id'),
    notificationId: uuid('notification_id'),
    attempt: smallint('attempt'),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.channel, t.addressHash] }),
    // Serves the newest-first list.
    index('suppressions_by_age').on(t.appId, t.environment, t.createdAt, t.channel, t.addressHash),
    check('suppressions_environment', isEnvironment(t.environment)),
    check('suppressions_channel', isChannel(t.channel)),
    check('suppressions_reason', isOneOf(t.reason, SUPPRESSION_REASONS)),
  ],
);
