import { check, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { isOneOf, time } from './columns.ts';

export const STAFF_ROLES = ['admin', 'operator', 'viewer'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** Dashboard accounts. `password_hash` is `scrypt$N$r$p$salt$key`, base64url. */
export const staff = pgTable(
  'staff',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    email: text('email').notNull().unique(),
    passwordHash: text('password_hash').notNull(),
    role: text('role', { enum: STAFF_ROLES }).notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    disabledAt: time('disabled_at'),
  },
  (t) => [check('staff_role', isOneOf(t.role, STAFF_ROLES))],
);
