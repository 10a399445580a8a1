import { OUTCOME_CLASSES, PHASES } from '@carillon/core/outcome';
import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { channel, isChannel, isOneOf, time } from './columns.ts';

/**
 * One row per provider call, committed before the call by the worker that holds the lease. A row without
 * `finished_at` whose lease has run out is a doubt.
 */
export const deliveryAttempts = pgTable(
  'delivery_attempts',
  {
    notificationId: uuid('notification_id').notNull(),
    n: smallint('n').notNull(),
    phase: text('phase', { enum: PHASES }).notNull(),
    channel: channel(),
    /** The provider account that is called. Known before the call, so that a doubt names whom to ask. */
    provider: text('provider').notNull(),
    startedAt: time('started_at').notNull().defaultNow(),
    finishedAt: time('finished_at'),
    outcome: text('outcome', { enum: OUTCOME_CLASSES }),
    errorCode: text('error_code'),
    error: text('error'),
    providerMessageId: text('provider_message_id'),
    latencyMs: integer('latency_ms'),
    /** The rendered message of a doubtful call to a class-A provider: the resolver repeats it byte for byte. */
    rendered: jsonb('rendered'),
  },
  (t) => [
    primaryKey({ columns: [t.notificationId, t.n] }),
    // Serves rescue: "calls whose worker never came back".
    index('delivery_attempts_open').on(t.startedAt).where(sql`${t.finishedAt} is null`),
    // Serves receipts that carry only the provider's id. Here and not on notifications, whose updates stay heap-only.
    index('delivery_attempts_by_message')
      .on(t.providerMessageId)
      .where(sql`${t.providerMessageId} is not null`),
    check('delivery_attempts_phase', isOneOf(t.phase, PHASES)),
    check('delivery_attempts_channel', isChannel(t.channel)),
    check('delivery_attempts_outcome', isOneOf(t.outcome, OUTCOME_CLASSES)),
    check('delivery_attempts_finished', sql`(${t.finishedAt} is null) = (${t.outcome} is null)`),
    check(
      'delivery_attempts_accepted_with_id',
      sql`${t.outcome} <> 'accepted' or ${t.providerMessageId} is not null`,
    ),
  ],
);
