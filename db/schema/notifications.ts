import type { DirectAddress } from '@carillon/core/notification/compose';
import type { Content, PushOptions } from '@carillon/core/notification/message';
import { FINAL_STATES, RARE_STATES, STATES } from '@carillon/core/notification/states';
import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, smallint, text, uuid } from 'drizzle-orm/pg-core';
import {
  bytea,
  channel,
  environment,
  isChannel,
  isEnvironment,
  isOneOf,
  isPriority,
  isState,
  priority,
  time,
} from './columns.ts';

/** Rarely read, never filtered by: kept together so that the row stays narrow. */
export interface SendOptions {
  from?: string;
  reply_to?: string;
  event_id?: string;
  digest?: { key: string; window_seconds: number };
  metadata?: Record<string, string>;
  /** Only through this provider account: a test of it. */
  account?: string;
  push?: PushOptions;
  /** `expires_at` is this long after `send_at`, or after acceptance: it moves with `send_at`. */
  ttl_seconds?: number;
  /** It has attachments, which take at most this much memory, decoded. */
  attachments_bytes?: number;
}

/**
 * One message to one recipient. The id is derived from the idempotency key, so the primary key is the idempotency
 * constraint. On the happy path a row is inserted once and updated three times (queued, sending, sent); none of those
 * updates touches an indexed column, so all can be heap-only: that is why there is no index on `state` itself.
 */
export const notifications = pgTable(
  'notifications',
  {
    id: uuid('id').primaryKey(),
    appId: uuid('app_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    state: text('state', { enum: STATES }).notNull(),
    environment: environment(),
    priority: priority(),
    /** The current channel; `route` is the ordered list it comes from. */
    channel: channel(),
    route: text('route').array().notNull(),
    recipientId: text('recipient_id'),
    address: jsonb('address').$type<DirectAddress>(),
    category: text('category'),
    templateId: uuid('template_id'),
    templateVersion: integer('template_version'),
    locale: text('locale'),
    /** Template variables, or null with inline content. */
    data: jsonb('data').$type<Record<string, unknown>>(),
    /** Inline content, or null with a template. */
    content: jsonb('content').$type<Content>(),
    options: jsonb('options').$type<SendOptions>(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestHash: bytea('request_hash').notNull(),
    orderingKey: text('ordering_key'),
    /** Never written; goes one release later. */
    campaignId: uuid('campaign_id'),
    /** What it came from, if it is one of many: a campaign. */
    originId: uuid('origin_id'),
    /** The variant of its origin, from 1; 0 without variants; null without an origin. */
    originVariant: smallint('origin_variant'),
    sendAt: time('send_at'),
    expiresAt: time('expires_at'),
    /** When its job was last put into a lane; null while it never was (then its job id is certainly free). */
    queuedAt: time('queued_at'),
    /** When it comes due while scheduled or retrying; null otherwise. Authoritative; delayed jobs only mirror it. */
    nextAttemptAt: time('next_attempt_at'),
    /** Attempts made, ever: the n of the last delivery_attempts row. */
    attemptCount: smallint('attempt_count').notNull().default(0),
    /** Attempts spent in this cycle; a person's retry starts a new cycle at 0. */
    tries: smallint('tries').notNull().default(0),
    /** Accounts that certainly did not accept it in this round; null on the happy path. Cleared by a wait. */
    tried: text('tried').array(),
    leaseToken: uuid('lease_token'),
    leaseUntil: time('lease_until'),
    provider: text('provider'),
    providerMessageId: text('provider_message_id'),
    /**
     * When content, data and the rest of its texts were removed, because its category is secret; null while they exist.
     */
    redactedAt: time('redacted_at'),
    errorCode: text('error_code'),
    error: text('error'),
    /** The W3C `traceparent` of the span that accepted it: its whole life is one trace. Null if it is not traced. */
    traceparent: text('traceparent'),
    /** The state if it is a rare one, else null: an index here does not cost the happy path its heap-only updates. */
    rareState: text('rare_state').generatedAlwaysAs(
      sql.raw(`case when state in (${RARE_STATES.map((state) => `'${state}'`).join(', ')}) then state end`),
    ),
  },
  (t) => [
    // Serves GET /v1/notifications and the dashboard's newest-first list (read backwards).
    index('notifications_by_app').on(t.appId, t.createdAt, t.id),
    // Serves "what did this person get?".
    index('notifications_by_recipient')
      .on(t.appId, t.recipientId, t.createdAt)
      .where(sql`${t.recipientId} is not null`),
    // Serves the sweep for lost jobs, which walks windows of time. BRIN: a few pages for millions of rows, and no
    // update of a row ever touches it.
    index('notifications_by_age').using('brin', t.createdAt.op('timestamptz_minmax_multi_ops')),
    // Serves the promoter (scheduled, due), rescue (retrying, overdue) and lists of dead, failed and in-doubt ones.
    index('notifications_by_rare_state')
      .on(t.rareState, t.nextAttemptAt, t.channel)
      .where(sql`${t.rareState} is not null`),
    // Serve "what was sent to this address?". The row itself is the only copy of the address, so that erasure, which
    // replaces it, removes it here too. A hash keeps the entries small; a message pays only for the kinds of address it
    // has.
    index('notifications_by_email')
      .on(sql`hashtextextended(lower(${t.address} ->> 'email'), 0)`, t.createdAt)
      .where(sql`${t.address} ? 'email'`),
    index('notifications_by_phone')
      .on(sql`hashtextextended(${t.address} ->> 'phone', 0)`, t.createdAt)
      .where(sql`${t.address} ? 'phone'`),
    index('notifications_by_push')
      .on(
        sql`hashtextextended(coalesce(${t.address} #>> '{push,fcm_token}', ${t.address} #>> '{push,apns_token}', ${t.address} #>> '{push,subscription,endpoint}'), 0)`,
        t.createdAt,
      )
      .where(sql`${t.address} ? 'push'`),
    index('notifications_by_campaign').on(t.campaignId).where(sql`${t.campaignId} is not null`),
    // Serve the lists of a campaign, and the counts of its resting ones. Other messages have no entry, and nothing on the
    // happy path of a message changes an indexed column.
    index('notifications_of_origin').on(t.originId, t.createdAt, t.id).where(sql`${t.originId} is not null`),
    index('notifications_of_origin_by_rare_state')
      .on(t.originId, t.rareState, t.createdAt, t.id)
      .where(sql`${t.originId} is not null and ${t.rareState} is not null`),
    // Serves the list of what ended without a call, in an origin of a million that were sent.
    index('notifications_of_origin_with_error')
      .on(t.originId, t.createdAt, t.id)
      .where(sql`${t.originId} is not null and ${t.errorCode} is not null`),
    // Serves lists of rare states in the order of time, however many newer notifications of other states there are.
    index('notifications_of_app_by_rare_state')
      .on(t.appId, t.rareState, t.createdAt, t.id)
      .where(sql`${t.rareState} is not null`),
    // Serves "what else failed with this code?". What was accepted has no code: the happy path never touches it.
    index('notifications_by_error')
      .on(t.appId, t.errorCode, t.createdAt, t.id)
      .where(sql`${t.errorCode} is not null`),
    // Serves the calendar: what is scheduled, by the time of sending.
    index('notifications_scheduled')
      .on(t.appId, t.environment, t.nextAttemptAt, t.id)
      .where(sql`${t.rareState} = 'scheduled'`),
    // Serves lists of test keys: their few notifications lie among all live ones of the app.
    index('notifications_of_test').on(t.appId, t.createdAt, t.id).where(sql`${t.environment} = 'test'`),
    check('notifications_state', isState(t.state)),
    check('notifications_environment', isEnvironment(t.environment)),
    check('notifications_priority', isPriority(t.priority)),
    check('notifications_channel', isChannel(t.channel)),
    check('notifications_channel_in_route', sql`${t.channel} = any (${t.route})`),
    check('notifications_addressed', sql`${t.recipientId} is not null or ${t.address} is not null`),
    check('notifications_body', sql`(${t.templateId} is null) <> (${t.content} is null)`),
    check('notifications_template_pinned', sql`(${t.templateId} is null) = (${t.templateVersion} is null)`),
    check('notifications_leased', sql`(${t.state} = 'sending') = (${t.leaseToken} is not null)`),
    check('notifications_lease_ends', sql`(${t.leaseToken} is null) = (${t.leaseUntil} is null)`),
    check(
      'notifications_due',
      sql`${t.state} not in ('scheduled', 'retrying') or ${t.nextAttemptAt} is not null`,
    ),
    check(
      'notifications_not_due_when_final',
      sql`not (${isOneOf(t.state, FINAL_STATES)}) or ${t.nextAttemptAt} is null`,
    ),
    check(
      'notifications_sent_by_someone',
      sql`${t.state} not in ('sent', 'delivered') or ${t.provider} is not null`,
    ),
    check('notifications_tries', sql`${t.tries} between 0 and ${t.attemptCount}`),
  ],
);
