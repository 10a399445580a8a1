import { SUPPRESSION_REASONS } from '@carillon/core/suppression';
import { check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, channel, environment, isChannel, isEnvironment, isOneOf, time } from './columns.ts';

/**
 * Addresses that must not be written to. Only a hash of the address is here (core/suppression), so that it survives the erasure of a
 * person without naming them.
 */
export const suppressions = pgTable(
  'suppressions',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    channel: channel(),
    addressHash: bytea('address_hash').notNull(),
    reason: text('reason', { enum: SUPPRESSION_REASONS }).notNull(),
    /** For people: which receipt, whose request. */
    detail: text('detail'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.channel, t.addressHash] }),
    check('suppressions_environment', isEnvironment(t.environment)),
    check('suppressions_channel', isChannel(t.channel)),
    check('suppressions_reason', isOneOf(t.reason, SUPPRESSION_REASONS)),
  ],
);
