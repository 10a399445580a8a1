import { foreignKey, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
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
  },
  (t) => [
    foreignKey({
      name: 'inbox_messages_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
    // Serves a person's inbox, newest first.
    index('inbox_messages_of').on(t.appId, t.environment, t.recipientId, t.createdAt),
  ],
);
