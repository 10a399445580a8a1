import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/**
 * Raw words of providers: receipts and answers worth keeping; kind `asked` is a message's record of the questions about
 * it (queries/take-unreported.ts). The key makes a repeated receipt a no-op. Not
 * partitioned: PostgreSQL wants the partition key inside a unique key, and "once per day" is not "once"
 * (docs/decisions.md); retention deletes in batches along the time index.
 */
export const providerLogs = pgTable(
  'provider_logs',
  {
    providerAccount: text('provider_account').notNull(),
    /** The provider's event id, or a hash of the raw body. */
    eventId: text('event_id').notNull(),
    receivedAt: time('received_at').notNull().defaultNow(),
    kind: text('kind').notNull(),
    notificationId: uuid('notification_id'),
    /** The n of the attempt it is about. */
    attempt: smallint('attempt'),
    providerMessageId: text('provider_message_id'),
    /** Null while nobody knows what it is about: it overtook the answer that brings the provider's id. */
    appliedAt: time('applied_at'),
    body: jsonb('body').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.providerAccount, t.eventId] }),
    index('provider_logs_of').on(t.notificationId).where(sql`${t.notificationId} is not null`),
    index('provider_logs_by_age').on(t.receivedAt),
    // Serves the receipts duty: "which of them found nothing yet?"
    index('provider_logs_unapplied').on(t.receivedAt).where(sql`${t.appliedAt} is null`),
  ],
);
