import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import type postgres from 'postgres';
import { openPool, poolSettings } from './pool.ts';
import { type ReadOnlySessions, readOnlySessions } from './read-only-sessions.ts';

/**
 * A pool for statements over many rows: the merge of an import, the count, review and freeze of an audience. They run
 * for seconds and need hash joins and scans, which the pools of the hot statements forbid; there they would also take
 * the connections that accepting and sending need. Two at a time in each process: more of them slow each other and the
 * hot path.
 */
export interface SetStatements {
  sql: postgres.Sql;
  /** How many of its connections are busy at this moment, and how many there may be. */
  connections(): { inUse: number; max: number };
  close(): Promise<void>;
}

export const SET_CONNECTIONS = 2;
/** One statement, in milliseconds. A caller that needs longer takes fewer rows at a time. */
export const SET_STATEMENT_TIMEOUT_MS = 60_000;
/** Longer than any statement. */
const SILENCE_MS = 75_000;
/**
 * Rows that are locked by another transaction for longer than this fail the statement (55P03), so that it does not hold
 * its own locks for a minute.
 */
const LOCK_TIMEOUT_MS = 20_000;
/** Few processes run set statements all the time: an unused connection is closed. */
const IDLE_SECONDS = 60;

/** Opens no connection until the first statement. */
export function openSetStatements({
  url,
  pooler = null,
  name,
  readOnly = false,
  sessions = readOnlySessions(),
}: Partial<DatabaseAddress> & {
  url: string;
  /** Shown in pg_stat_activity, with "-sets" behind it. */
  name: string;
  /** Its sessions refuse every write. */
  readOnly?: boolean;
  sessions?: ReadOnlySessions;
}): SetStatements {
  const sql = openPool({
    url,
    pooler,
    name: `${name}-sets`,
    max: SET_CONNECTIONS,
    idleSeconds: IDLE_SECONDS,
    silenceMs: SILENCE_MS,
    lastFailure: { error: null },
    sessions,
    settings: {
      ...poolSettings({
        statementTimeoutMs: SET_STATEMENT_TIMEOUT_MS,
        lockTimeoutMs: LOCK_TIMEOUT_MS,
        readOnly,
      }),
      // Compiling a plan takes longer than most of these statements run.
      jit: 'off',
    },
  });
  return {
    sql,
    connections: () => ({ inUse: sessions.busy(), max: SET_CONNECTIONS }),
    close: () => sql.end({ timeout: 1 }),
  };
}
