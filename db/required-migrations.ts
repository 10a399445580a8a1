import { readFileSync } from 'node:fs';
import path from 'node:path';
import type postgres from 'postgres';

/**
 * The content of `db/migrations`, in order; `when` is also what Drizzle records for an applied one, as `created_at`.
 */
interface Journal {
  entries: { tag: string; when: number }[];
}

const JOURNAL = path.join(import.meta.dirname, 'migrations', 'meta', '_journal.json');
const journal = JSON.parse(readFileSync(JOURNAL, 'utf8')) as Journal;

/** Names of the migrations that this release needs, oldest first. */
export const REQUIRED_MIGRATIONS: readonly string[] = journal.entries.map(({ tag }) => tag);

/** The command that applies them; it needs DATABASE_URL, and the image holds it under the same path. */
export const MIGRATE_COMMAND = 'node db/migrate.ts';

/**
 * Names of the migrations that this release needs and the database lacks, oldest first; none where the database is
 * ready for this release. Migrations of newer releases are accepted: they only add.
 *
 * @param sql any client of the database, also a transaction
 * @throws PostgreSQL's error, when it cannot be queried
 */
export async function missingMigrations(sql: postgres.ISql): Promise<string[]> {
  const [table] = await sql<
    [{ exists: boolean }]
  >`select to_regclass('drizzle.__drizzle_migrations') is not null as exists`;
  if (!table.exists) return [...REQUIRED_MIGRATIONS];
  const rows = await sql<
    { when: string }[]
  >`select created_at::text as when from drizzle.__drizzle_migrations`;
  const applied = new Set(rows.map(({ when }) => Number(when)));
  return journal.entries.filter(({ when }) => !applied.has(when)).map(({ tag }) => tag);
}
