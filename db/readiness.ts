import { DeadlineError, withTimeout } from '@carillon/core/notification/deadline';
import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { failureOf } from '@carillon/core/program/explain-failure';
import {
  type Trouble,
  troubleWith,
  troubleWithMigrations,
  troubleWithRestore,
} from '@carillon/core/program/readiness';
import { unfinishedRestore, unfinishedSentence } from './backup/unfinished-restore.ts';
import type { Database, DatabaseState } from './connection/client.ts';
import { poolerCheck } from './connection/pooler-check.ts';
import { MIGRATE_COMMAND, missingMigrations } from './required-migrations.ts';

/** What a program's readiness reports about PostgreSQL. */
export interface DatabaseReadiness {
  postgres: DatabaseState;
  /** Migrations that this release needs and the database lacks. */
  missingMigrations: string[];
  /** Why it cannot be used; null if it can. */
  trouble: Trouble | null;
}

/** Applied migrations stay applied, except after restoring a backup. */
const COMPLETE_FOR_MS = 30_000;

/**
 * @param address for the messages, and to be compared with what it leads to.
 * @param advise called once with a sentence about a pooler that works and should be different.
 * @returns a function that checks: never rejects, and resolves within about twice the given time.
 */
export function databaseReadiness(
  db: Pick<Database, 'sql' | 'look'>,
  address: Pick<DatabaseAddress, 'url' | 'pooler'>,
  advise: (sentence: string) => void = () => {},
): (withinMs: number) => Promise<DatabaseReadiness> {
  const context = { what: 'PostgreSQL', setting: 'DATABASE_URL', at: address.url };
  const pooler = poolerCheck({ sql: db.sql, address, advise });
  let completeUntil = 0;
  let missing: string[] = [];
  let trouble: Trouble | null = null;
  let ofPooler: Trouble | null = null;

  const lookAtPooler = async (): Promise<void> => {
    ofPooler = await pooler();
  };
  const lookAtMigrations = async (): Promise<void> => {
    if (performance.now() < completeUntil) return;
    missing = await missingMigrations(db.sql);
    if (missing.length === 0) completeUntil = performance.now() + COMPLETE_FOR_MS;
    const unfinished = missing.length === 0 ? null : await unfinishedRestore(db.sql);
    trouble = unfinished
      ? troubleWithRestore(unfinishedSentence(unfinished))
      : troubleWithMigrations(missing, MIGRATE_COMMAND);
  };

  return async (withinMs) => {
    const { state: postgres, error } = await db.look(withinMs);
    if (postgres !== 'ok')
      return { postgres, missingMigrations: [], trouble: troubleWith('postgres', error, context) };
    try {
      await withTimeout(withinMs, Promise.all([lookAtPooler(), lookAtMigrations()]));
    } catch (failure) {
      // An account that may not read Drizzle's table may still be one that the programs work with.
      const mayNotLook = (failure as { code?: unknown }).code === '42501';
      return {
        postgres: mayNotLook ? 'ok' : 'down',
        missingMigrations: [],
        trouble: mayNotLook ? null : troubleWith('postgres', lateOr(failure), context),
      };
    }
    if (ofPooler) return { postgres: 'down', missingMigrations: [], trouble: ofPooler };
    return { postgres, missingMigrations: missing, trouble };
  };
}

function lateOr(failure: unknown): unknown {
  return failure instanceof DeadlineError
    ? failureOf('NO_ANSWER', 'PostgreSQL does not answer in time')
    : failure;
}
