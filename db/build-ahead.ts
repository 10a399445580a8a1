import type { Sql } from 'postgres';
import type { Migration } from './pending-migrations.ts';

/**
 * Builds the indexes of a migration before it is applied, without blocking writes. A migration runs in a transaction, in
 * which an index is built under a lock that keeps every writer of its table out: seconds to minutes in which nothing is
 * accepted. `create index concurrently` needs no such lock and cannot run in a transaction, so it runs before; the
 * migration then finds the index by its `if not exists`.
 *
 * Indexes of tables that do not exist yet are left to the migration: there the table is empty. So are those of columns
 * that it adds itself: such an index belongs into the migration after it. An invalid index left by an interrupted build
 * is dropped and built again.
 *
 * @param sql a session outside of any transaction.
 * @returns the names of the indexes that were built.
 */
export async function buildIndexesAhead(sql: Sql, migration: Migration): Promise<string[]> {
  const built: string[] = [];
  for (const { name, table, definition, unique } of indexesOf(migration)) {
    const [found] = await sql<[{ tableIsThere: boolean; isValid: boolean | null }]>`
      select to_regclass(${table}) is not null as "tableIsThere",
        (select indisvalid from pg_index where indexrelid = to_regclass(${name})) as "isValid"`;
    if (!found.tableIsThere || found.isValid === true) continue;
    if (found.isValid === false) await sql.unsafe(`drop index concurrently ${name}`);
    try {
      await sql.unsafe(`create ${unique} index concurrently ${definition}`);
      built.push(name);
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNDEFINED_COLUMN) throw error;
    }
  }
  return built;
}

const UNDEFINED_COLUMN = '42703';

const INDEX = /^create (unique |)index if not exists ((\w+) on (\w+) .*)$/is;

interface PendingIndex {
  name: string;
  table: string;
  /** The part after `create index`. */
  definition: string;
  /** `unique `, or nothing. */
  unique: string;
}

function indexesOf({ statements }: Migration): PendingIndex[] {
  return statements.flatMap((statement) => {
    const bare = statement.replace(/^\s*--.*$/gm, '').replace(/;\s*$/, '');
    const [, unique = '', definition, name, table] = INDEX.exec(bare.trim()) ?? [];
    return definition && name && table ? [{ name, table, definition, unique }] : [];
  });
}
