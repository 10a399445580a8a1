import { CHANNELS } from '@carillon/core/notification/channel';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { BREAKER_STATES } from '@carillon/core/provider/breaker';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, isOneOf, time } from './columns.ts';

/**
 * The provider accounts that messages are sent through. Credentials are sealed: `credentials` is AES-256-GCM under a
 * data key of its own, `data_key` is that key wrapped by the key-encryption key `key_id`
 * (packages/core/src/notification/envelope.ts).
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
    /** SMS: prefixes of phone numbers this account serves (`+234`); empty is all. */
    prefixes: text('prefixes').array().notNull().default([]),
    /** Settings that are not secret: sender, region, base URL ... */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    credentials: bytea('credentials'),
    dataKey: bytea('data_key'),
    keyId: text('key_id'),
    /** For people: shows whether two credentials are the same, and nothing else. */
    fingerprint: text('fingerprint'),
    /** `file`: written by a worker from PROVIDERS_FILE at its start; `api`: by people. */
    managedBy: text('managed_by', { enum: ['file', 'api'] }).notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Workers read what changed since they last looked. */
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

/**
 * The breaker of each provider account: the authoritative state that all workers follow. The counts that open one are
 * in Redis; its state is here, so a lost Redis never closes a breaker.
 */
export const circuitBreakers = pgTable(
  'circuit_breakers',
  {
    account: text('account').primaryKey(),
    channel: text('channel').notNull(),
    state: text('state', { enum: BREAKER_STATES }).notNull().default('closed'),
    /** Who holds it open or closed by hand (`staff:<e-mail>`, `key:<id>`); null while workers move it. */
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

/**
 * Raw receipts and answers of providers; kind `asked` is a message's record of the questions about it
 * (db/attempts/reports.ts). The key makes a repeated receipt a no-op. Not partitioned: PostgreSQL wants the
 * partition key inside a unique key, and "once per day" is not "once" (docs/decisions/storage.md); retention deletes in
 * batches along the time index.
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
    /** Null while its subject is unknown: it overtook the answer that brings the provider's id. */
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

/**
 * One row, whose number rises with every change of a category or a provider account (by trigger): a worker's copy of
 * them in memory is as new as the number it read before.
 */
export const settingsVersion = pgTable(
  'settings_version',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    version: integer('version').notNull().default(0),
  },
  (t) => [check('settings_version_only_row_check', sql`${t.onlyRow}`)],
);
