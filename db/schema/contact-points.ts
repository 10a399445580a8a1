import { check, foreignKey, index, jsonb, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core';
import { environment, isOneOf, time } from './columns.ts';
import { recipients } from './recipients.ts';

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
    check('contact_points_kind', isOneOf(t.kind, CONTACT_KINDS)),
  ],
);
