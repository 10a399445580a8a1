import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { failureOf } from '@carillon/core/program/explain-failure';
import { withoutTls } from '@carillon/core/program/postgres-tls';
import type { ServerState } from '@carillon/core/program/server-looks';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from '../schema/index.ts';
import { knowArrays } from './arrays.ts';
import { readOnlySessions } from './read-only-sessions.ts';
import { type SocketOptions, sockets } from './sockets.ts';
import { sqlFailure } from './sql-state.ts';
import { survivingBegin } from './transactions.ts';

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
  /**
   * Whether PostgreSQL takes writes, tested on a session of each pool by a write that changes nothing. A session that
   * fails the test is renewed. `down`: no answer within the time. A pool that is busy for that long proves nothing,
   * unless it is `sql`.
   */
  state(withinMs: number): Promise<DatabaseState>;
  /** `state`, with the error behind it; null if it is `ok`. */
  look(withinMs: number): Promise<DatabaseLook>;
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

const CONNECT_TIMEOUT_SECONDS = 5;
const OTHERS_AT_MOST = 4;

/**
 * The hot statements always look up keys. A plan made from young statistics scans or hashes the whole table (measured:
 * x8 slower finishes): forbid those plans.
 */
const LOOK_UPS = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', jit: 'off' };

export function openDatabase({
  url,
  name,
  connections = 8,
  statementTimeoutMs = 15_000,
  lockTimeoutMs = 0,
  silenceMs = 30_000,
  readOnly = false,
}: DatabaseOptions): Database {
  const sessions = readOnlySessions();
  const unopened: { error: unknown } = { error: null };
  const options = poolOptions({
    url,
    name,
    statementTimeoutMs,
    lockTimeoutMs,
    silenceMs,
    readOnly,
    lastFailure: unopened,
    sessions,
  });
  const few = Math.min(connections, OTHERS_AT_MOST);
  // The sockets handle TLS.
  const bare = withoutTls(url);
  const hot = (max: number, plan_cache_mode: string) =>
    postgres(bare, { ...options, max, connection: { ...options.connection, ...LOOK_UPS, plan_cache_mode } });
  const sql = hot(connections, 'force_custom_plan');
  const kept = hot(few, 'auto');
  const ordinary = postgres(bare, { ...options, max: few });
  const pools = [sql, kept, ordinary];
  for (const pool of pools) {
    knowArrays(pool);
    survivingBegin(pool);
  }
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
    look,
    connections: () => ({ inUse: sessions.busy(), max: connections + 2 * few }),
    state: async (withinMs) => (await look(withinMs)).state,
    close: async () => {
      // At a close all work has finished. A connection that was ever lost waits for an end that cannot come, so do not
      // wait long.
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}

/**
 * What every pool has in common: its own sockets (`sockets.ts`), no queries of the library for types, quick attempts to
 * connect again.
 */
export function poolOptions({
  url,
  name,
  statementTimeoutMs,
  lockTimeoutMs,
  readOnly,
  ...watch
}: Required<
  Pick<DatabaseOptions, 'url' | 'name' | 'statementTimeoutMs' | 'lockTimeoutMs' | 'silenceMs' | 'readOnly'>
> &
  Required<Pick<SocketOptions, 'lastFailure' | 'sessions'>>) {
  return {
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: 0,
    max_lifetime: null,
    // Seconds. The default grows to 20: too long a wait when PostgreSQL is back.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    fetch_types: false,
    ssl: false,
    socket: sockets({ url, connectTimeoutMs: CONNECT_TIMEOUT_SECONDS * 1000, ...watch }),
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      // A relay that is frozen between its rows and their commit holds them no longer than this. Publishing, in
      // between, takes at most 10 s.
      idle_in_transaction_session_timeout: 12_000,
      default_transaction_read_only: readOnly,
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
