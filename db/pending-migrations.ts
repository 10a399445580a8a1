import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { ISql, TransactionSql } from 'postgres';

/** A migration as `db/migrations` has it. */
export interface Migration {
  /** The name of its file without the ending. */
  name: string;
  /** When it was written, in ms: its place in the order, and what tells whether it is applied. */
  at: number;
  /** SHA-256 of its text. */
  hash: string;
  statements: readonly string[];
}

/** @param folder of the migrations. @returns all of them, oldest first. */
export function readMigrations(folder: string): Migration[] {
  const journal = JSON.parse(readFileSync(path.join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[];
  };
  // Drizzle reads the files in the order of the journal.
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql, folderMillis, hash }, k) => ({
    name: journal.entries[k]!.tag,
    at: folderMillis,
    hash,
    statements: sql.filter((statement) => statement.trim() !== ''),
  }));
}

/**
 * What Drizzle would apply: the migrations after the newest that the database has.
 *
 * @returns oldest first; `isFirst` where the database has none yet, so that no table has a row.
 */
export async function pendingMigrations(
  sql: ISql,
  folder: string,
): Promise<{ isFirst: boolean; pending: Migration[] }> {
  const all = readMigrations(folder);
  const [journal] = await sql<[{ isThere: boolean }]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as "isThere"`;
  if (!journal.isThere) return { isFirst: true, pending: all };
  const [last] = await sql<[{ at: string | null }]>`
    select max(created_at)::text as at from drizzle.__drizzle_migrations`;
  if (last.at === null) return { isFirst: true, pending: all };
  const at = Number(last.at);
  return { isFirst: false, pending: all.filter((each) => each.at > at) };
}

/** The table in which applied migrations are recorded, as drizzle-orm/pg-core creates it. */
export async function createMigrationRecords(sql: ISql): Promise<void> {
  await sql`create schema if not exists drizzle`;
  await sql`
    create table if not exists drizzle.__drizzle_migrations (
      id serial primary key, hash text not null, created_at bigint
    )`;
}

/**
 * Applies one migration and records it, in a transaction of the caller's.
 *
 * @param onStatement called before each statement.
 */
export async function applyMigration(
  tx: TransactionSql,
  { statements, hash, at }: Migration,
  onStatement: (statement: string) => void = () => {},
): Promise<void> {
  for (const statement of statements) {
    onStatement(statement);
    await tx.unsafe(statement);
  }
  await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${at})`;
}
