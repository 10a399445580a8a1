import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, time } from './columns.ts';

/**
 * Every change by a person or an API key. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, and each row
 * carries the SHA-256 of its predecessor's hash and its own content, so that a rewritten past shows.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    at: time('at').notNull().defaultNow(),
    appId: uuid('app_id'),
    /** `key:<key id>`, `staff:<e-mail>` or `system:<service>`. */
    actor: text('actor').notNull(),
    /** A verb on a noun: `notification.retry`, `template.publish` ... */
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
    /** Written by a trigger; whatever an insert says here is replaced. */
    hash: bytea('hash').notNull().default(sql`''::bytea`),
  },
  (t) => [index('audit_log_by_subject').on(t.subject, t.id), index('audit_log_by_app').on(t.appId, t.id)],
);
