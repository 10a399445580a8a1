import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { channel, environment, isChannel, time } from './columns.ts';

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
