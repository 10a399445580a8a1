import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { apps } from './apps.ts';
import { bytea, environment, isEnvironment, time } from './columns.ts';

/** Found by key id; only the SHA-256 of the secret is here, so a leaked table opens nothing. */
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
  },
  (t) => [check('api_keys_environment', isEnvironment(t.environment)), index('api_keys_app').on(t.appId)],
);
