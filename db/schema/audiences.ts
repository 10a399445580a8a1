import type { Filter } from '@carillon/core/audience/filter';
import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { environment, isEnvironment, isOneOf, time } from './columns.ts';
import { recipients } from './recipients.ts';

export const AUDIENCE_KINDS = ['filter', 'list'] as const;

/** Who is meant, under a key that campaigns and other audiences name: a filter over recipients, or a list of them. */
export const audiences = pgTable(
  'audiences',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: AUDIENCE_KINDS }).notNull(),
    /** Null for a list. */
    filter: jsonb('filter').$type<Filter>(),
    /** The keys of the audiences that the filter names: they cannot be deleted, and no circle can be made of them. */
    uses: text('uses').array().notNull().default(sql`'{}'`),
    updatedBy: text('updated_by').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** How many belonged to it when it was counted exactly for the last time; null since its filter was changed. */
    lastCount: integer('last_count'),
    lastCountedAt: time('last_counted_at'),
  },
  (t) => [
    unique('audiences_key').on(t.appId, t.environment, t.key),
    check('audiences_environment', isEnvironment(t.environment)),
    check('audiences_kind', isOneOf(t.kind, AUDIENCE_KINDS)),
    check('audiences_filter', sql`(${t.kind} = 'filter') = (${t.filter} is not null)`),
  ],
);

/** Who is in a list. Erasing a recipient takes them out of every one. */
export const audienceMembers = pgTable(
  'audience_members',
  {
    audienceId: uuid('audience_id')
      .notNull()
      .references(() => audiences.id, { onDelete: 'cascade' }),
    recipientId: text('recipient_id').notNull(),
    appId: uuid('app_id').notNull(),
    environment: environment(),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.audienceId, t.recipientId] }),
    foreignKey({
      name: 'audience_members_recipient',
      columns: [t.appId, t.environment, t.recipientId],
      foreignColumns: [recipients.appId, recipients.environment, recipients.id],
    }).onDelete('cascade'),
    // Serves erasure, and "which lists is this recipient in?"
    index('audience_members_of').on(t.appId, t.environment, t.recipientId),
  ],
);
