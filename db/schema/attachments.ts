import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { bytea } from './columns.ts';

/** Files of an e-mail, by content or by an address to fetch them from. Apart from the notification, whose row stays narrow. */
export const attachments = pgTable(
  'attachments',
  {
    notificationId: uuid('notification_id').notNull(),
    position: smallint('position').notNull(),
    filename: text('filename').notNull(),
    contentType: text('content_type').notNull(),
    content: bytea('content'),
    url: text('url'),
    sizeBytes: integer('size_bytes'),
  },
  (t) => [
    primaryKey({ columns: [t.notificationId, t.position] }),
    check('attachments_content_or_url', sql`(${t.content} is null) <> (${t.url} is null)`),
  ],
);
