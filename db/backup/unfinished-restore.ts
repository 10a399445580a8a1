import type { ISql } from 'postgres';

/** A restore that was begun in this database and has not ended: it runs, or it was interrupted. */
export interface UnfinishedRestore {
  backup: string;
  installation: string;
}

/**
 * The mark of a restore: a table that exists from before its one transaction until that commits. An interrupted restore
 * leaves it alone in an empty database, so that no program takes the database for a new installation.
 */
export const RESTORE_MARK = 'carillon_restore';

/** @returns null if there is none. @throws PostgreSQL's error, when it cannot be queried. */
export async function unfinishedRestore(sql: ISql): Promise<UnfinishedRestore | null> {
  const [table] = await sql<
    [{ exists: boolean }]
  >`select to_regclass(${`public.${RESTORE_MARK}`}) is not null as exists`;
  if (!table.exists) return null;
  const [row] = await sql<
    UnfinishedRestore[]
  >`select backup, installation::text from public.carillon_restore limit 1`;
  return row ?? { backup: 'unknown', installation: 'unknown' };
}

/** What an operator does about it. Shown by /readyz, too, which is public: it names no path. */
export function unfinishedSentence({ installation }: UnfinishedRestore): string {
  return `A restore of the installation ${installation} into this database was begun and has not ended: wait for it, or run "carillon-admin restore load DIR" again. Nothing starts on this database before.`;
}
