import { Refusal } from '@carillon/core/program/refusal';
import { type InstallationRow, readInstallation } from '@carillon/db/restore/installation';
import type { Sql, TransactionSql } from 'postgres';

/** An installation whose database was restored. */
export interface RestoredInstallation extends InstallationRow {
  restoredTo: Date;
  restoredAt: Date;
}

/** Reads the installation, and its row is locked in a transaction. @throws Refusal if it was never restored. */
export async function restoredInstallation(
  sql: Sql | TransactionSql,
  lock = false,
): Promise<RestoredInstallation> {
  const row = await readInstallation(sql, lock);
  const { restoredTo, restoredAt } = row;
  if (restoredTo !== null && restoredAt !== null) return { ...row, restoredTo, restoredAt };
  throw new Refusal(
    'not_restored',
    `This database (installation ${row.id}) was never restored by Carillon: there is nothing to review. If another tool restored it, stop all programs and run "carillon-admin restore mark --recovered-to TIME".`,
  );
}
