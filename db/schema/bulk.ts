import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, environment, isEnvironment, isOneOf, time } from './columns.ts';

export const BULK_ACTIONS = ['retry', 'cancel', 'reschedule'] as const;
export const BULK_STATES = ['running', 'done', 'stopped'] as const;

/**
 * One request that moves every notification a filter matches. It is carried out one notification at a time, newest
 * first: the commit that moves a notification also counts it and moves the position, so a crash repeats and leaves out
 * nothing.
 */
export const bulkActions = pgTable(
  'bulk_actions',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    idempotencyKey: text('idempotency_key'),
    /** Of the request, to recognise a repetition. */
    requestHash: bytea('request_hash').notNull(),
    action: text('action', { enum: BULK_ACTIONS }).notNull(),
    /** As in the query of the list. Only what was created before `created_at` is moved. */
    filter: jsonb('filter').$type<Record<string, string>>().notNull(),
    sendAt: time('send_at'),
    acceptDuplicateRisk: boolean('accept_duplicate_risk').notNull().default(false),
    /** Only counted: nothing is moved. */
    dryRun: boolean('dry_run').notNull().default(false),
    ratePerSecond: integer('rate_per_second').notNull(),
    state: text('state', { enum: BULK_STATES }).notNull(),
    /** When it was requested; `matched_completely` is false where counting all of them took too long. */
    matched: integer('matched').notNull(),
    matchedCompletely: boolean('matched_completely').notNull(),
    done: integer('done').notNull().default(0),
    /** By reason. */
    skipped: jsonb('skipped').$type<Record<string, number>>().notNull().default({}),
    /** The last notification that was moved or skipped. */
    positionAt: time('position_at'),
    positionId: uuid('position_id'),
    actor: text('actor').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    finishedAt: time('finished_at'),
  },
  (t) => [
    uniqueIndex('bulk_actions_key')
      .on(t.appId, t.environment, t.idempotencyKey)
      .where(sql`${t.idempotencyKey} is not null`),
    index('bulk_actions_list').on(t.appId, t.environment, t.createdAt, t.id),
    index('bulk_actions_running').on(t.createdAt).where(sql`${t.state} = 'running'`),
    check('bulk_actions_environment', isEnvironment(t.environment)),
    check('bulk_actions_action', isOneOf(t.action, BULK_ACTIONS)),
    check('bulk_actions_state', isOneOf(t.state, BULK_STATES)),
    check('bulk_actions_send_at', sql`(${t.action} = 'reschedule') = (${t.sendAt} is not null)`),
    check('bulk_actions_finished', sql`(${t.state} = 'running') = (${t.finishedAt} is null)`),
    check('bulk_actions_position', sql`(${t.positionAt} is null) = (${t.positionId} is null)`),
  ],
);
