import { ROLE_NAMES } from '@carillon/core/access/roles';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, isOneOf, time } from './columns.ts';

/**
 * A person with an account of the dashboard. Property names are those of better-auth, which signs people in; the
 * columns are ours.
 */
export const staff = pgTable(
  'staff',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    email: text('email').notNull().unique(),
    name: text('name').notNull().default(''),
    /** Whether the person has opened a link that was sent to the address, or an administrator vouches for it. */
    emailVerified: boolean('email_verified').notNull().default(true),
    image: text('image'),
    twoFactorEnabled: boolean('two_factor_enabled').notNull().default(false),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    disabledAt: time('disabled_at'),
    /** Read by the release before this one only. */
    passwordHash: text('password_hash'),
    /** Read by the release before this one only. */
    oneTimeUntil: time('one_time_until'),
    /** Read by the release before this one only. */
    role: text('role').notNull().default('viewer'),
  },
  (t) => [check('staff_role', isOneOf(t.role, ['admin', 'operator', 'viewer']))],
);

/** Who may do what where: roles are sets of scopes (core/access/roles.ts); null is every app, or both environments. */
export const staffRoles = pgTable(
  'staff_roles',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    staffId: uuid('staff_id')
      .notNull()
      .references(() => staff.id, { onDelete: 'cascade' }),
    role: text('role', { enum: ROLE_NAMES }).notNull(),
    appId: uuid('app_id').references(() => apps.id),
    environment: text('environment', { enum: ENVIRONMENTS }),
  },
  (t) => [
    unique('staff_roles_once').on(t.staffId, t.role, t.appId, t.environment).nullsNotDistinct(),
    check('staff_roles_role', isOneOf(t.role, ROLE_NAMES)),
    check(
      'staff_roles_environment',
      sql`${t.environment} is null or ${isOneOf(t.environment, ENVIRONMENTS)}`,
    ),
  ],
);

/** How a person proves who they are: a password (`credential`) or an identity of an OpenID provider. */
export const staffCredentials = pgTable(
  'staff_credentials',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: uuid('staff_id')
      .notNull()
      .references(() => staff.id, { onDelete: 'cascade' }),
    providerId: text('provider').notNull(),
    accountId: text('account').notNull(),
    /** `argon2id` in PHC form, or `scrypt$...` of earlier releases. */
    password: text('password_hash'),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: time('access_token_expires_at'),
    refreshTokenExpiresAt: time('refresh_token_expires_at'),
    scope: text('scope'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('staff_credentials_account').on(t.providerId, t.accountId),
    index('staff_credentials_of').on(t.userId),
  ],
);

/** Sessions. The cookie holds the token and a signature of it, so that this table alone opens none. */
export const staffLogins = pgTable(
  'staff_logins',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: uuid('staff_id')
      .notNull()
      .references(() => staff.id, { onDelete: 'cascade' }),
    token: text('token').notNull().unique(),
    expiresAt: time('expires_at').notNull(),
    lastSeenAt: time('last_seen_at').notNull().defaultNow(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [index('staff_logins_of').on(t.userId)],
);

/** Links of invitations and password resets, and logins that wait for their second factor; identifiers are hashed. */
export const staffTokens = pgTable(
  'staff_tokens',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: time('expires_at').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [index('staff_tokens_by_identifier').on(t.identifier)],
);

/** Second factors: the secret and the recovery codes are encrypted. */
export const staffTwoFactors = pgTable(
  'staff_two_factors',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: uuid('staff_id')
      .notNull()
      .references(() => staff.id, { onDelete: 'cascade' }),
    secret: text('secret').notNull(),
    backupCodes: text('recovery_codes').notNull(),
    verified: boolean('verified').notNull().default(true),
    failedVerificationCount: integer('failed_count').notNull().default(0),
    lockedUntil: time('locked_until'),
    /** SHA-256 of the code that was accepted last, and when: RFC 6238 lets a code be accepted once. */
    usedCode: text('used_code'),
    usedAt: time('used_at'),
  },
  (t) => [index('staff_two_factors_of').on(t.userId)],
);

/** Requests of the login pages by address, over all dashboard processes. */
export const staffRateLimits = pgTable('staff_rate_limits', {
  id: uuid('id').primaryKey().defaultRandom(),
  key: text('key').notNull().unique(),
  count: integer('count').notNull(),
  lastRequest: bigint('last_request', { mode: 'number' }).notNull(),
});

/** Sessions of the release before this one. */
export const staffSessions = pgTable(
  'staff_sessions',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    staffId: uuid('staff_id')
      .notNull()
      .references(() => staff.id, { onDelete: 'cascade' }),
    createdAt: time('created_at').notNull().defaultNow(),
    lastSeenAt: time('last_seen_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
  },
  (t) => [index('staff_sessions_of').on(t.staffId)],
);
