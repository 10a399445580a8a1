import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { environment, isEnvironment, time } from './columns.ts';

/**
 * The figures of the overview, minute by minute, kept for two days. Flows (accepted, attempts, end_to_end) are counted
 * from the rows of the minute once it is over, so counting again gives the same; levels (lanes, dead, memory ...) are the
 * highest sample of the minute. A level that was 0 has no row.
 */
export const measuredMinutes = pgTable(
  'measured_minutes',
  {
    minute: time('minute').notNull(),
    /** What is measured: `accepted`, `attempts`, `lane_waiting`; `minute` says that the flows of the minute are counted. */
    series: text('series').notNull(),
    /** `live` or `test`; empty for what belongs to the whole installation. */
    environment: text('environment').notNull().default(''),
    /** A priority, a lane, or an account and an outcome (`resend/accepted`). */
    label: text('label').notNull().default(''),
    value: bigint('value', { mode: 'number' }).notNull(),
    /** Of durations: how many fell into each bucket (core/overview/durations). */
    buckets: integer('buckets').array(),
  },
  (t) => [
    primaryKey({ name: 'measured_minutes_pkey', columns: [t.minute, t.series, t.environment, t.label] }),
  ],
);

/** What the leader of the workers measured last: one row per part (`redis`, `postgres`, `stuck`). */
export const measuredNow = pgTable('measured_now', {
  part: text('part').primaryKey(),
  measuredAt: time('measured_at').notNull().defaultNow(),
  measured: jsonb('measured').$type<unknown>().notNull(),
});

/**
 * Requests of the last day by API key: every kind of answer, problems in detail. Without bodies, addresses and
 * recipients: what a request said is not kept, only the names of this API that were in it.
 */
export const requestLog = pgTable(
  'request_log',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    keyId: text('key_id').notNull(),
    method: text('method').notNull(),
    /** As registered: `/v1/notifications/:id`. */
    route: text('route').notNull(),
    /** With the parts that are ids of this API; people's ids and unknown parts are replaced. */
    path: text('path').notNull(),
    status: integer('status').notNull(),
    durationMs: integer('duration_ms').notNull(),
    requestId: text('request_id').notNull(),
    /** Of a problem: code, detail and errors, scrubbed, and the names in its body. */
    code: text('code'),
    detail: text('detail'),
    errors: jsonb('errors').$type<{ path: string; message: string }[]>(),
    body: jsonb('body').$type<unknown>(),
    /** How many more requests of the same key, method, route and status came within the same two seconds. */
    more: integer('more').notNull().default(0),
  },
  (t) => [
    index('request_log_list').on(t.appId, t.environment, t.id),
    index('request_log_problems').on(t.appId, t.environment, t.id).where(sql`${t.status} >= 400`),
    index('request_log_by_age').on(t.at),
    check('request_log_environment', isEnvironment(t.environment)),
  ],
);
