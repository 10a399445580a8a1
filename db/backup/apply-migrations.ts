import type { TransactionSql } from 'postgres';
import { MIGRATIONS } from '../migrate.ts';
import { applyMigration, createMigrationRecords, readMigrations } from '../pending-migrations.ts';

/**
 * Applies the migrations with the numbers [from, to) in a transaction of the caller's: a restore makes the schema of the
 * backup, fills it, and brings it to the newest, all or nothing.
 */
export async function applyMigrations(tx: TransactionSql, from: number, to: number): Promise<void> {
  await createMigrationRecords(tx);
  for (const migration of readMigrations(MIGRATIONS).slice(from, to)) await applyMigration(tx, migration);
}
