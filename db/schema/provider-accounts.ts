import { CHANNELS } from '@carillon/core/channel';
import { ENVIRONMENTS } from '@carillon/core/environment';
import { sql } from 'drizzle-orm';
import { boolean, check, integer, jsonb, pgTable, real, text } from 'drizzle-orm/pg-core';
import { bytea, isOneOf, time } from './columns.ts';

/**
 * The accounts at providers that messages go through. Credentials are sealed: `credentials` is AES-256-GCM under a data
 * key of its own, `data_key` is that key wrapped by the key-encryption key `key_id` (packages/core/src/envelope.ts).
 */
export const providerAccounts = pgTable(
  'provider_accounts',
  {
    id: text('id').primaryKey(),
    provider: text('provider').notNull(),
    channel: text('channel', { enum: CHANNELS }).notNull(),
    environments: text('environments', { enum: ENVIRONMENTS }).array().notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** Lower is tried first; accounts of the same order share their traffic by weight. */
    position: integer('position').notNull(),
    weight: integer('weight').notNull().default(1),
    ratePerSecond: real('rate_per_second'),
    /** SMS: beginnings of phone numbers this account serves (`+234`); empty is all. */
    prefixes: text('prefixes').array().notNull().default([]),
    /** What is no secret: sender, region, base URL ... */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    credentials: bytea('credentials'),
    dataKey: bytea('data_key'),
    keyId: text('key_id'),
    /** For people: tells whether two credentials are the same, and nothing else. */
    fingerprint: text('fingerprint'),
    /** `file`: written by a worker from PROVIDERS_FILE at its start; `api`: by people. */
    managedBy: text('managed_by', { enum: ['file', 'api'] }).notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Workers look for what changed since they looked last. */
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    check('provider_accounts_channel', isOneOf(t.channel, CHANNELS)),
    check('provider_accounts_managed_by', isOneOf(t.managedBy, ['file', 'api'])),
    check('provider_accounts_weight', sql`${t.weight} between 1 and 1000`),
    check('provider_accounts_position', sql`${t.position} between 0 and 1000`),
    check('provider_accounts_rate', sql`${t.ratePerSecond} > 0`),
    check(
      'provider_accounts_sealed',
      sql`(${t.credentials} is null) = (${t.dataKey} is null) and (${t.credentials} is null) = (${t.keyId} is null)`,
    ),
  ],
);
