import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { environment, isEnvironment, isOneOf, time } from './columns.ts';

/** A person of an app, by the id the app gives them. */
export const recipients = pgTable(
  'recipients',
  {
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    id: text('id').notNull(),
    locale: text('locale'),
    timeZone: text('time_zone'),
    attributes: jsonb('attributes').$type<Record<string, unknown>>().notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.id] }),
    // Serves the list by the beginning of the id: the primary key follows the database's collation, which cannot.
    index('recipients_by_id').on(sql`(app_id::text || environment || id) collate "C"`),
    check('recipients_environment', isEnvironment(t.environment)),
  ],
);

export const CONTACT_KINDS = ['email', 'phone', 'fcm', 'apns', 'web_push'] as const;

/**
 * Where a recipient can be reached. A disabled one stays, with the reason, so that support can see why nothing arrives.
 * For web_push the address is the endpoint and `keys` holds p256dh and auth.
 */
export const contactPoints = pgTable(
  'contact_points',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    recipientId: text('recipient_id').notNull(),
    kind: text('kind', { enum: CONTACT_KINDS }).notNull(),
    address: text('address').notNull(),
    keys: jsonb('keys').$type<{ p256dh: string; auth: string }>(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Soft bounces since the last delivery: many in a row disable the contact point. */
    softBounces: smallint('soft_bounces').notNull().default(0),
    verifiedAt: time('verified_at'),
    disabledAt: time('disabled_at'),
    disabledReason: text('disabled_reason'),
  },
  (t) => [
    foreignKey({
      name: 'contact_points_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
    // Serves the claim and the accept: "the contact points of these recipients".
    unique('contact_points_address').on(t.appId, t.environment, t.recipientId, t.kind, t.address),
    // Serves receipts: "whose address bounced?"
    index('contact_points_by_address').on(t.address),
    // Serves search: people write an e-mail address in any case.
    index('contact_points_by_email').on(sql`lower(${t.address})`).where(sql`${t.kind} = 'email'`),
    check('contact_points_kind', isOneOf(t.kind, CONTACT_KINDS)),
  ],
);
