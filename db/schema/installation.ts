import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { time } from './columns.ts';

/**
 * One row: which installation this database belongs to, and its last restore. A backup contains the row, so a restored
 * database is the same installation at an earlier moment.
 */
export const installation = pgTable(
  'installation',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    id: uuid('id').notNull().defaultRandom(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** The moment whose data a restore brought back: what happened after it is not in the database. Null: never restored. */
    restoredTo: time('restored_to'),
    /** When the restored database was put into use again. Calls to providers between the two are not on record. */
    restoredAt: time('restored_at'),
    /** When a person last looked at the report of the restore. */
    reviewedAt: time('reviewed_at'),
    /** When a person let bulk messages go again; until then the restore is under review. */
    releasedAt: time('released_at'),
    releasedBy: text('released_by'),
    /** Notifications that the restore turned into doubts: they may have been sent after the backup. */
    suspects: integer('suspects').notNull().default(0),
    /** Notifications that were not final and cannot have been sent meanwhile. */
    untouched: integer('untouched').notNull().default(0),
  },
  (t) => [
    check('installation_only_row', sql`${t.onlyRow}`),
    check('installation_restored', sql`(${t.restoredTo} is null) = (${t.restoredAt} is null)`),
    check('installation_restored_before', sql`${t.restoredTo} <= ${t.restoredAt}`),
    check('installation_released', sql`${t.releasedAt} is null or ${t.restoredAt} is not null`),
  ],
);
