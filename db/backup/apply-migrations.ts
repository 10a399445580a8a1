import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { TransactionSql } from 'postgres';
import { MIGRATIONS } from '../migrate.ts';

/**
 * Applies the migrations with the numbers [from, to) in a transaction of the caller's, with the records that
 * db/migrate.ts makes: a restore makes the schema of the backup, fills it, and brings it to the newest, all or nothing.
 */
export async function applyMigrations(tx: TransactionSql, from: number, to: number): Promise<void> {
  await tx`create schema if not exists drizzle`;
  // As drizzle-orm/pg-core creates it.
  await tx`
    create table if not exists drizzle.__drizzle_migrations (
      id serial primary key, hash text not null, created_at bigint
    )`;
  for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder: MIGRATIONS }).slice(
    from,
    to,
  )) {
    for (const statement of sql) await tx.unsafe(statement);
    await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`;
  }
}
