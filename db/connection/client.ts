import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { failureOf } from '@carillon/core/program/explain-failure';
import type { ServerState } from '@carillon/core/program/server-looks';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import * as schema from '../schema/index.ts';
import { openPool, poolSettings } from './pool.ts';
import { readOnlySessions } from './read-only-sessions.ts';
import { sqlFailure } from './sql-state.ts';
import type { Settings } from './transaction-settings.ts';

/**
 * The clients for PostgreSQL, a pool each, opened when first used. `sql` and `kept` are for the hot statements in
 * db/<subject> (tagged SQL, prepared); `orm` is Drizzle for ordinary queries, apart because Drizzle changes the
 * serializers of the client it is given.
 */
export interface Database {
  /**
   * Plans each statement anew each time: a plan kept from when a table was small may go on scanning it while it grows.
   */
  sql: postgres.Sql;
  /** Keeps its plans, which saves 0.3 ms a statement: only for statements that look nothing up. */
  kept: postgres.Sql;
  orm: PostgresJsDatabase<typeof schema>;
  /** Listens for notifications, on a connection of its own that no pooler is in between. */
  listen(
    channel: string,
    onSignal: (payload: string) => void,
  ): Promise<Pick<postgres.ListenMeta, 'unlisten'>>;
  /**
   * Whether PostgreSQL takes writes, tested on a session of each pool by a write that changes nothing. A session that
   * fails the test is renewed. `down`: no answer within the time. A pool that is busy for that long proves nothing,
   * unless it is `sql`.
   */
  state(withinMs: number): Promise<DatabaseState>;
  /** `state`, with the error behind it; null if it is `ok`. */
  look(withinMs: number): Promise<DatabaseLook>;
  /** The error of the last attempt to connect; null after one that succeeded. */
  lastFailure(): unknown;
  /** How many connections of the three pools are busy at this moment, and how many there may be. */
  connections(): { inUse: number; max: number };
  close(): Promise<void>;
}

export type DatabaseState = ServerState;

export interface DatabaseLook {
  state: DatabaseState;
  error: unknown;
}

export interface DatabaseOptions extends Partial<Omit<DatabaseAddress, 'url'>> {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections of `sql`; the others have at most 4 each. */
  connections?: number;
  /** A statement that takes longer is cancelled by the server. */
  statementTimeoutMs?: number;
  /**
   * A statement that waits for a lock for longer gives up (SQLSTATE 55P03). Default: as long as a statement may take.
   */
  lockTimeoutMs?: number;
  /** A connection silent for this long is ended; longer than a statement may take. */
  silenceMs?: number;
  /** Its sessions refuse every write (25006), whatever the server is. */
  readOnly?: boolean;
}

const OTHERS_AT_MOST = 4;

/**
 * The hot statements always look up keys. A plan made from young statistics scans or hashes the whole table (measured:
 * x8 slower finishes): forbid those plans.
 */
const LOOK_UPS = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', jit: 'off' };

export function openDatabase({
  url,
  pooler = null,
  directUrl = null,
  name,
  connections = 8,
  statementTimeoutMs = 15_000,
  lockTimeoutMs = 0,
  silenceMs = 30_000,
  readOnly = false,
}: DatabaseOptions): Database {
  const sessions = readOnlySessions();
  const unopened: { error: unknown } = { error: null };
  const settings = poolSettings({ statementTimeoutMs, lockTimeoutMs, readOnly });
  const common = { name, idleSeconds: 0, silenceMs, lastFailure: unopened, sessions };
  const pool = (max: number, more: Settings = {}) =>
    openPool({ ...common, url, pooler, max, settings: { ...settings, ...more } });
  const few = Math.min(connections, OTHERS_AT_MOST);
  const sql = pool(connections, { ...LOOK_UPS, plan_cache_mode: 'force_custom_plan' });
  const kept = pool(few, { ...LOOK_UPS, plan_cache_mode: 'auto' });
  const ordinary = pool(few);
  const pools = [sql, kept, ordinary];
  const listener =
    pooler === null || directUrl === null
      ? null
      : openPool({ ...common, url: directUrl, pooler: null, max: 1, settings });
  const look = async (withinMs: number): Promise<DatabaseLook> => {
    const [ofSql, ...others] = await Promise.all(pools.map((pool) => lookAt(pool, withinMs)));
    const { state, error } = others.find((other) => other.state === 'read_only') ?? ofSql!;
    // If a server did not answer in time, the error of the last connection attempt says more.
    return { state, error: state === 'down' ? (error ?? unopened.error ?? NO_ANSWER) : error };
  };
  return {
    sql,
    kept,
    orm: drizzle(ordinary, { schema }),
    listen: (channel, onSignal) =>
      pooler === null || listener
        ? (listener ?? sql).listen(channel, onSignal)
        : Promise.reject(
            new Error('notifications do not come through a pooler: DATABASE_DIRECT_URL is not set'),
          ),
    look,
    lastFailure: () => unopened.error,
    connections: () => ({ inUse: sessions.busy(), max: connections + 2 * few }),
    state: async (withinMs) => (await look(withinMs)).state,
    close: async () => {
      // At a close all work has finished. A connection that was ever lost waits for an end that cannot come, so do not
      // wait long.
      const all = listener ? [...pools, listener] : pools;
      await Promise.all(all.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}

const NO_ANSWER = failureOf('NO_ANSWER', 'PostgreSQL does not answer in time');
const READ_ONLY = failureOf('READ_ONLY', 'PostgreSQL takes no writes: its sessions are read-only');
/** A table or schema is missing: the server lacks migrations (db/readiness.ts), but it answers. */
const MISSING_TABLE = new Set(['42P01', '3F000']);

/** PostgreSQL checks whether the session may write even for a write that finds no row. */
async function lookAt(pool: postgres.Sql, withinMs: number): Promise<DatabaseLook> {
  const late = new AbortController();
  const answer = pool`update redis_epoch set epoch = epoch where false`.then(
    (): DatabaseLook => ({ state: 'ok', error: null }),
    (error: unknown): DatabaseLook => {
      if (sqlFailure(error) === 'read_only') return { state: 'read_only', error: READ_ONLY };
      if (MISSING_TABLE.has(String((error as { code?: unknown }).code))) return { state: 'ok', error: null };
      return { state: 'down', error };
    },
  );
  const down: DatabaseLook = { state: 'down', error: null };
  const timeUp = pause(withinMs, down, { signal: late.signal, ref: false }).catch(() => down);
  try {
    return await Promise.race([answer, timeUp]);
  } finally {
    late.abort();
  }
}
