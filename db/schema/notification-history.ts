import { STATES } from '@carillon/core/states';
import { bigint, check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { isState, time } from './columns.ts';

/**
 * The journal of everything that is not plain from the notification and its attempts: reschedules, cancels, retries by
 * hand, deferrals, doubts and their settlement, receipts. The happy path (accepted, queued, sending, sent) is read off
 * the times in `notifications` and `delivery_attempts`: writing it again would cost every message three rows.
 */
export const notificationHistory = pgTable(
  'notification_history',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    notificationId: uuid('notification_id').notNull(),
    at: time('at').notNull().defaultNow(),
    state: text('state', { enum: STATES }).notNull(),
    /** Who moved it: `api`, `deliver`, `rescue`, `promoter`, a person's e-mail address ... */
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>(),
  },
  (t) => [
    index('notification_history_of').on(t.notificationId, t.id),
    check('notification_history_state', isState(t.state)),
  ],
);
