import type { Sql } from 'postgres';
import { pendingMigrations } from './pending-migrations.ts';

/**
 * Builds the indexes of migrations that are not applied yet, without blocking writes. A migration runs in a
 * transaction, in which an index is built under a lock that keeps every writer of its table out: seconds to minutes in
 * which nothing is accepted. `create index concurrently` needs no such lock and cannot run in a transaction, so it runs
 * before; the migration then finds the index by its `if not exists`.
 *
 * Indexes of tables and columns that do not exist yet are left to the migration: there the table or the column is
 * empty. An invalid index left by an interrupted build is dropped and built again.
 *
 * @param sql a session outside of any transaction.
 * @param folder the migrations.
 * @returns the names of the indexes that were built.
 */
export async function buildIndexesAhead(sql: Sql, folder: string): Promise<string[]> {
  const built: string[] = [];
  for (const { name, table, definition } of await pendingIndexes(sql, folder)) {
    const [found] = await sql<[{ tableIsThere: boolean; isValid: boolean | null }]>`
      select to_regclass(${table}) is not null as "tableIsThere",
        (select indisvalid from pg_index where indexrelid = to_regclass(${name})) as "isValid"`;
    if (!found.tableIsThere || found.isValid === true) continue;
    if (found.isValid === false) await sql.unsafe(`drop index concurrently ${name}`);
    try {
      await sql.unsafe(`create index concurrently ${definition}`);
      built.push(name);
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNDEFINED_COLUMN) throw error;
    }
  }
  return built;
}

const UNDEFINED_COLUMN = '42703';

const INDEX = /^create index if not exists ((\w+) on (\w+) .*)$/is;

interface PendingIndex {
  name: string;
  table: string;
  /** The part after `create index`. */
  definition: string;
}

async function pendingIndexes(sql: Sql, folder: string): Promise<PendingIndex[]> {
  const { isFirst, pending } = await pendingMigrations(sql, folder);
  if (isFirst) return [];
  return pending
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => {
      const bare = statement.replace(/^\s*--.*$/gm, '').replace(/;\s*$/, '');
      const [, definition, name, table] = INDEX.exec(bare.trim()) ?? [];
      return definition && name && table ? [{ name, table, definition }] : [];
    });
}
