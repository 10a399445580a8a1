import type { Brand } from '@carillon/core/recipient/brand';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, environment, isEnvironment, time } from './columns.ts';

/** A client web app: the tenant. All other tables are scoped by (app_id, environment). */
export const apps = pgTable('apps', {
  id: uuid('id').primaryKey().defaultRandom(),
  name: text('name').notNull(),
  /** IANA name, for times in templates of recipients that have no zone of their own. Null is UTC. */
  timeZone: text('time_zone'),
  /** How the app looks on the pages that its recipients see. Null: its name, no logo, our colours. */
  brand: jsonb('brand').$type<Brand>(),
  /** Origins (RFC 6454) of the web pages that may use tokens of its recipients. */
  allowedOrigins: text('allowed_origins').array().notNull().default([]),
  /** A campaign is sent only after another person than its author has approved it. */
  approvesCampaigns: boolean('approves_campaigns').notNull().default(false),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** Found by key id; only the SHA-256 of the secret is stored, so a leaked table gives no access. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    name: text('name').notNull(),
    secretHash: bytea('secret_hash').notNull(),
    scopes: text('scopes').array().notNull(),
    /** Requests per second over all API processes; null is the configured default. */
    ratePerSecond: integer('rate_per_second'),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    lastUsedAt: time('last_used_at'),
    /** The key that a rotation made in its place; this one then works until `expires_at`. */
    replacedBy: text('replaced_by'),
  },
  (t) => [check('api_keys_environment', isEnvironment(t.environment)), index('api_keys_app').on(t.appId)],
);

/**
 * Every change by a person or an API key. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, and each row
 * carries the SHA-256 of its predecessor's hash and its own content, so that a rewritten past is detected.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull().defaultNow(),
    appId: uuid('app_id'),
    /** `key:<key id>`, `staff:<e-mail>`, `system:<service>` or `carillon-admin (<user>@<host>)`. */
    actor: text('actor').notNull(),
    /** A verb on a noun: `notification.retry`, `template.publish` ... */
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
    /** Written by a trigger, which overwrites any inserted value. */
    hash: bytea('hash').notNull().default(sql`''::bytea`),
  },
  (t) => [index('audit_log_by_subject').on(t.subject, t.id), index('audit_log_by_app').on(t.appId, t.id)],
);
