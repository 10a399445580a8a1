import { bigint, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { environment } from './columns.ts';

/**
 * The lines behind ordering keys: of each key only the oldest open notification may be claimed. A row leaves when its
 * notification is final. Notifications without a key have none, so the happy path never touches this table.
 */
export const notificationOrder = pgTable(
  'notification_order',
  {
    notificationId: uuid('notification_id').primaryKey(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    orderingKey: text('ordering_key').notNull(),
    seq: bigint('seq', { mode: 'bigint' }).notNull().generatedAlwaysAsIdentity(),
  },
  (t) => [unique('notification_order_line').on(t.appId, t.environment, t.orderingKey, t.seq)],
);
