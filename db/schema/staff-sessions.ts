import { index, pgTable, uuid } from 'drizzle-orm/pg-core';
import { bytea, time } from './columns.ts';
import { staff } from './staff.ts';

/** Server-side sessions: the cookie holds 256 random bits, the table only their SHA-256. */
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
