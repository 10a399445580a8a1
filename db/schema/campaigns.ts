import type { CampaignContent, CampaignDefinition, CampaignSchedule } from '@carillon/core/campaign/campaign';
import type { NotMadeReason } from '@carillon/core/campaign/counts';
import type { ReviewResult } from '@carillon/core/campaign/review';
import { CAMPAIGN_STATES, STOP_MODES } from '@carillon/core/campaign/states';
import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { environment, isEnvironment, isOneOf, time } from './columns.ts';

/** What many notifications came from, and what they share. Kept until the last of them is gone. */
export const origins = pgTable(
  'origins',
  {
    id: uuid('id').primaryKey(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    kind: text('kind', { enum: ['campaign'] }).notNull(),
    category: text('category'),
    /** Template variables of all its notifications; what a notification has itself counts more. */
    data: jsonb('data').$type<Record<string, unknown>>().notNull().default({}),
    /** Which changes of its notifications are events: those that somebody must look at, or all. */
    events: text('events', { enum: ['problems', 'all'] })
      .notNull()
      .default('problems'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    check('origins_environment', isEnvironment(t.environment)),
    check('origins_kind', isOneOf(t.kind, ['campaign'])),
    check('origins_events', isOneOf(t.events, ['problems', 'all'])),
  ],
);

/**
 * Origins whose notifications are not sent: the only switch. The claim, the resolver and the last check before a call
 * read it. A row that is deleted while a refused claim parks a notification waits for that (`for share`).
 */
export const stops = pgTable(
  'stops',
  {
    originId: uuid('origin_id').primaryKey(),
    mode: text('mode', { enum: STOP_MODES }).notNull(),
    at: time('at').notNull().defaultNow(),
    /** Every open notification without a call was moved: cancelled, or parked. */
    movedAt: time('moved_at'),
  },
  (t) => [check('stops_mode', isOneOf(t.mode, STOP_MODES))],
);

/**
 * Changes of `counts` that are not added yet: only inserted, so that no row is hot and no lock has an order. A
 * statement that makes notifications, or moves one into or out of a final state, adds them in its own commit.
 */
export const countChanges = pgTable('count_changes', {
  id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  originId: uuid('origin_id').notNull(),
  variant: smallint('variant').notNull(),
  bucket: text('bucket').notNull(),
  n: integer('n').notNull(),
});

/** How many notifications of an origin are in each final state, were made, or not. Read together with `count_changes`. */
export const counts = pgTable(
  'counts',
  {
    originId: uuid('origin_id').notNull(),
    variant: smallint('variant').notNull(),
    bucket: text('bucket').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.originId, t.variant, t.bucket] })],
);

/** One template to an audience. Its id is its origin's. */
export const campaigns = pgTable(
  'campaigns',
  {
    id: uuid('id').primaryKey(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    name: text('name').notNull(),
    state: text('state', { enum: CAMPAIGN_STATES }).notNull().default('draft'),
    /** As a person wrote it: content, audience, category and so on. */
    definition: jsonb('definition').$type<CampaignDefinition>().notNull(),
    schedule: jsonb('schedule').$type<CampaignSchedule>(),
    throttlePerMinute: integer('throttle_per_minute'),
    expiresAt: time('expires_at'),
    /** Rises with every change by a person. */
    version: integer('version').notNull().default(1),
    /** The template versions that it sends, by variant; pinned when it is scheduled. */
    content: jsonb('content').$type<CampaignContent[]>(),
    /** When its launch begins. */
    startsAt: time('starts_at'),
    /** The audience is frozen up to this recipient id. */
    frozenUpto: text('frozen_upto'),
    frozenAt: time('frozen_at'),
    /** The token bucket of the throttle. */
    tokens: doublePrecision('tokens').notNull().default(0),
    tokensAt: time('tokens_at'),
    createdBy: text('created_by').notNull(),
    /** Who changed its content, audience or schedule last; null for one that was not changed since this is noted. */
    updatedBy: text('updated_by'),
    approvedBy: text('approved_by'),
    /** The version that was approved: a change voids it. */
    approvedVersion: integer('approved_version'),
    /** When it paused itself; it does so once, because a person who resumes it has looked at it. */
    selfPausedAt: time('self_paused_at'),
    /** Why it was paused or has failed. */
    reason: text('reason'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    endedAt: time('ended_at'),
  },
  (t) => [
    // Serves the newest-first list.
    index('campaigns_by_age').on(t.appId, t.environment, t.createdAt, t.id),
    // Serves the runner.
    index('campaigns_at_work')
      .on(t.state, t.startsAt)
      .where(sql`${t.state} in ('scheduled', 'running', 'paused')`),
    check('campaigns_environment', isEnvironment(t.environment)),
    check('campaigns_state', isOneOf(t.state, CAMPAIGN_STATES)),
    check('campaigns_throttle', sql`${t.throttlePerMinute} between 1 and 10000000`),
  ],
);

/** The frozen audience of a campaign in parts of at most 1,000, each for one moment. */
export const campaignChunks = pgTable(
  'campaign_chunks',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id, { onDelete: 'cascade' }),
    n: integer('n').notNull(),
    dueAt: time('due_at').notNull(),
    /** An erased recipient is null: the places of the others stay. */
    recipientIds: text('recipient_ids').array().$type<(string | null)[]>().notNull(),
    /** How many of them were made, or found impossible to make. */
    madeUpto: integer('made_upto').notNull().default(0),
    state: text('state', { enum: ['open', 'done'] })
      .notNull()
      .default('open'),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.n] }),
    // Serves the runner: what is due next.
    index('campaign_chunks_due').on(t.campaignId, t.dueAt, t.n).where(sql`${t.state} = 'open'`),
    check('campaign_chunks_state', isOneOf(t.state, ['open', 'done'])),
    check('campaign_chunks_ids', sql`cardinality(${t.recipientIds}) between 1 and 1000`),
    check('campaign_chunks_made', sql`${t.madeUpto} between 0 and cardinality(${t.recipientIds})`),
  ],
);

/** Recipients of a campaign for whom no notification was made, and why. */
export const campaignNotMade = pgTable(
  'campaign_not_made',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id, { onDelete: 'cascade' }),
    recipientId: text('recipient_id').notNull(),
    reason: text('reason').$type<NotMadeReason>().notNull(),
    /** The variables that were missing. */
    detail: text('detail'),
  },
  (t) => [
    primaryKey({ columns: [t.campaignId, t.recipientId] }),
    // Serves the list by reason.
    index('campaign_not_made_by_reason').on(t.campaignId, t.reason, t.recipientId),
  ],
);

/** The last review of a campaign: whom it would reach. */
export const campaignReviews = pgTable(
  'campaign_reviews',
  {
    campaignId: uuid('campaign_id')
      .primaryKey()
      .references(() => campaigns.id, { onDelete: 'cascade' }),
    /** What was reviewed: the campaign's version, and those of templates and audiences. Another one voids the review. */
    fingerprint: text('fingerprint').notNull(),
    state: text('state', { enum: ['counting', 'done', 'failed'] })
      .notNull()
      .default('counting'),
    requestedBy: text('requested_by').notNull(),
    requestedAt: time('requested_at').notNull().defaultNow(),
    /** A worker counts until then; then another one may. */
    leaseUntil: time('lease_until'),
    countedAt: time('counted_at'),
    result: jsonb('result').$type<ReviewResult>(),
    error: text('error'),
  },
  (t) => [
    index('campaign_reviews_wanted').on(t.requestedAt).where(sql`${t.state} = 'counting'`),
    check('campaign_reviews_state', isOneOf(t.state, ['counting', 'done', 'failed'])),
  ],
);
