import { BREAKER_STATES } from '@carillon/core/breaker';
import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { isOneOf, time } from './columns.ts';

/**
 * The breaker of each provider account: the truth that all workers follow. What opens one is counted in Redis; what it
 * is stands here, so a lost Redis never closes a breaker.
 */
export const circuitBreakers = pgTable(
  'circuit_breakers',
  {
    account: text('account').primaryKey(),
    channel: text('channel').notNull(),
    state: text('state', { enum: BREAKER_STATES }).notNull().default('closed'),
    /** Who holds it open or closed by hand (`staff:<e-mail>`, `key:<id>`); null while it moves by itself. */
    heldBy: text('held_by'),
    reason: text('reason'),
    changedAt: time('changed_at').notNull().defaultNow(),
    /** While open: when the account is probed next. */
    probeAt: time('probe_at'),
    /** The present cool-down; it doubles with every failed return. */
    coolDownSeconds: integer('cool_down_seconds').notNull().default(0),
  },
  (t) => [
    check('circuit_breakers_state', isOneOf(t.state, BREAKER_STATES)),
    check(
      'circuit_breakers_probed',
      sql`${t.state} <> 'open' or ${t.heldBy} is not null or ${t.probeAt} is not null`,
    ),
  ],
);
