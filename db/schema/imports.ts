import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { apps } from './access.ts';
import { bytea, environment, isEnvironment, isOneOf, time } from './columns.ts';

export const IMPORT_FORMATS = ['ndjson', 'csv'] as const;
export const IMPORT_MODES = ['upsert', 'replace'] as const;

/** How the cells of a CSV file are read: a resumed upload begins behind the line that names the columns. */
export interface CsvLayout {
  delimiter: string;
  /** As the first line names them. */
  names: readonly string[];
  /** The field of each column; null for one that is left out. */
  columns: readonly (string | null)[];
}

/**
 * An upload of recipients, of any length. The commit that merges a part of its lines also moves `position` and the
 * counts, so a crash repeats and leaves out nothing. The same id in another app or environment is another import.
 */
export const imports = pgTable(
  'imports',
  {
    id: uuid('id').notNull(),
    appId: uuid('app_id')
      .notNull()
      .references(() => apps.id),
    environment: environment(),
    format: text('format', { enum: IMPORT_FORMATS }).notNull(),
    mode: text('mode', { enum: IMPORT_MODES }).notNull(),
    dryRun: boolean('dry_run').notNull().default(false),
    resubscribe: boolean('resubscribe').notNull().default(false),
    layout: jsonb('layout').$type<CsvLayout>(),
    /** Of the first bytes of the file, to recognise the same file when it comes again from its beginning. */
    headLength: integer('head_length'),
    headHash: bytea('head_hash'),
    /** Lines of the file up to here are merged or reported. */
    position: bigint('position', { mode: 'number' }).notNull().default(0),
    /** Rows, without the line that names the columns: the sum of the four below. */
    read: bigint('read', { mode: 'number' }).notNull().default(0),
    created: bigint('created', { mode: 'number' }).notNull().default(0),
    updated: bigint('updated', { mode: 'number' }).notNull().default(0),
    unchanged: bigint('unchanged', { mode: 'number' }).notNull().default(0),
    failed: bigint('failed', { mode: 'number' }).notNull().default(0),
    /** Errors by their kind, also those that are not kept. */
    errorKinds: jsonb('error_kinds').$type<Record<string, number>>().notNull().default({}),
    /** Rows of `import_errors`. */
    errorsKept: integer('errors_kept').notNull().default(0),
    actor: text('actor').notNull(),
    /** Of the upload that is running: one at a time. */
    leaseToken: uuid('lease_token'),
    leaseUntil: time('lease_until'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** When the end of the file was merged. */
    finishedAt: time('finished_at'),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.id] }),
    index('imports_list').on(t.appId, t.environment, t.createdAt, t.id),
    // Serves prune.
    index('imports_by_age').on(t.updatedAt),
    check('imports_environment', isEnvironment(t.environment)),
    check('imports_format', isOneOf(t.format, IMPORT_FORMATS)),
    check('imports_mode', isOneOf(t.mode, IMPORT_MODES)),
    check('imports_counts', sql`${t.read} = ${t.created} + ${t.updated} + ${t.unchanged} + ${t.failed}`),
    check('imports_head', sql`(${t.headLength} is null) = (${t.headHash} is null)`),
    check('imports_lease', sql`(${t.leaseToken} is null) = (${t.leaseUntil} is null)`),
  ],
);

/** Lines of an import that were refused, with the value as typed, shortened. */
export const importErrors = pgTable(
  'import_errors',
  {
    appId: uuid('app_id').notNull(),
    environment: environment(),
    importId: uuid('import_id').notNull(),
    line: bigint('line', { mode: 'number' }).notNull(),
    /** Among the errors of the line. */
    n: smallint('n').notNull(),
    kind: text('kind').notNull(),
    path: text('path').notNull(),
    message: text('message').notNull(),
    /** Whose line it is, where that can be read: their erasure removes it. */
    recipientId: text('recipient_id'),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.environment, t.importId, t.line, t.n] }),
    foreignKey({
      name: 'import_errors_import',
      columns: [t.appId, t.environment, t.importId],
      foreignColumns: [imports.appId, imports.environment, imports.id],
    }).onDelete('cascade'),
    // Serves the erasure of a person.
    index('import_errors_of')
      .on(t.appId, t.environment, t.recipientId)
      .where(sql`${t.recipientId} is not null`),
  ],
);
