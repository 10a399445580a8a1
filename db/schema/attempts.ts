import { STATES } from '@carillon/core/notification/states';
import { OUTCOME_CLASSES, PHASES } from '@carillon/core/provider/outcome';
import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { channel, environment, isChannel, isOneOf, isState, time } from './columns.ts';

/**
 * One row per provider call, committed before the call by the worker that holds the lease. A row without `finished_at`
 * whose lease has expired is a doubt.
 */
export const deliveryAttempts = pgTable(
  'delivery_attempts',
  {
    notificationId: uuid('notification_id').notNull(),
    n: smallint('n').notNull(),
    phase: text('phase', { enum: PHASES }).notNull(),
    channel: channel(),
    /** The provider account that is called. Known before the call, so that a doubt names the provider to query. */
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
    // Serves the figures of a minute: "calls that ended in it". BRIN: no entry per row, and rows end nearly in their order.
    index('delivery_attempts_by_end')
      .using('brin', t.finishedAt.op('timestamptz_minmax_multi_ops'))
      .with({ autosummarize: true, pages_per_range: 32 }),
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

/**
 * The journal of everything that the notification and its attempts do not show: reschedules, cancels, retries by hand,
 * deferrals, doubts and their settlement, receipts. The happy path (accepted, queued, sending, sent) is read off the
 * times in `notifications` and `delivery_attempts`: writing it again would cost every message three rows.
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

/**
 * The queues behind ordering keys: of each key only the oldest open notification may be claimed. A row is deleted when
 * its notification is final. Notifications without a key have none, so the happy path never touches this table.
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
