import { sql } from 'drizzle-orm';
import { bigint, foreignKey, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { environment, time } from './columns.ts';
import { recipients } from './recipients.ts';

/** In-app messages. The key is the notification's id: delivering twice stores once. */
export const inboxMessages = pgTable(
  'inbox_messages',
  {
    notificationId: uuid('notification_id').primaryKey(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    title: text('title').notNull(),
    body: text('body').notNull(),
    url: text('url'),
    createdAt: time('created_at').notNull().defaultNow(),
    seenAt: time('seen_at'),
    readAt: time('read_at'),
    archivedAt: time('archived_at'),
    category: text('category'),
    /** The number of its most recent change in the inbox; 0 for what releases without streams stored. */
    sequence: bigint('sequence', { mode: 'number' }).notNull().default(0),
    /** The number that it was stored under: a client that is further on has been sent it before. */
    createdSequence: bigint('created_sequence', { mode: 'number' }).notNull().default(0),
    /** Hidden until then. A maintenance service ends it, so that the end is a change like any other. */
    snoozedUntil: time('snoozed_until'),
    /** When its last snooze ended: it returns to the top of the list. */
    returnedAt: time('returned_at'),
  },
  (t) => [
    foreignKey({
      name: 'inbox_messages_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
    // Serves the releases before this one, and the export.
    index('inbox_messages_of').on(t.appId, t.environment, t.recipientId, t.createdAt),
    // Serves a person's inbox, newest first (read backwards).
    index('inbox_messages_listed').on(
      t.appId,
      t.environment,
      t.recipientId,
      sql`(coalesce(${t.returnedAt}, ${t.createdAt}))`,
      t.notificationId,
    ),
    // Serves streams: "what changed after this number?"
    index('inbox_messages_changed').on(t.appId, t.environment, t.recipientId, t.sequence),
    // Serves both counts: what is unseen is unread too.
    index('inbox_messages_unread')
      .on(t.appId, t.environment, t.recipientId, t.seenAt)
      .where(sql`${t.readAt} is null and ${t.archivedAt} is null and ${t.snoozedUntil} is null`),
    // Serves the end of snoozes.
    index('inbox_messages_snoozed').on(t.snoozedUntil).where(sql`${t.snoozedUntil} is not null`),
  ],
);

/**
 * The number of the last change of each inbox. Its row is locked by every change until the commit, so that changes
 * become visible in the order of their numbers. A number is at least the time in ms since 1970: a person who was erased
 * and added again, or a restored backup, never gives out a number twice.
 */
export const inboxHeads = pgTable(
  'inbox_heads',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    last: bigint('last', { mode: 'number' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.recipientId] }),
    foreignKey({
      name: 'inbox_heads_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
  ],
);
