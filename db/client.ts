import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { knowArrays } from './arrays.ts';
import * as schema from './schema/index.ts';
import { sockets } from './sockets.ts';
import { survivingBegin } from './transactions.ts';

/**
 * The ways into PostgreSQL, a pool each, opened when first used. `sql` and `kept` are for the hot statements in
 * db/queries (tagged SQL, prepared); `orm` is Drizzle for ordinary queries, apart because Drizzle changes the
 * serializers of the client it is given.
 */
export interface Database {
  /**
   * Plans each statement anew each time: a plan kept from when a table was small may go on walking it while it grows.
   */
  sql: postgres.Sql;
  /** Keeps its plans, which saves 0.3 ms a statement: only for statements that look nothing up. */
  kept: postgres.Sql;
  orm: PostgresJsDatabase<typeof schema>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections of `sql`; the others have at most 4 each. */
  connections?: number;
  /** A statement that takes longer is cancelled by the server. */
  statementTimeoutMs?: number;
  /** A connection that has said nothing for so long is ended; longer than a statement may take. */
  silenceMs?: number;
}

const CONNECT_TIMEOUT_SECONDS = 5;
const OTHERS_AT_MOST = 4;

/**
 * The hot statements look up keys, always. A plan made from young statistics walks or hashes the whole table
 * (measured: x8 slower finishes): forbid those plans.
 */
const LOOK_UPS = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', jit: 'off' };

export function openDatabase({
  url,
  name,
  connections = 8,
  statementTimeoutMs = 15_000,
  silenceMs = 30_000,
}: DatabaseOptions): Database {
  const options = {
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: 0,
    max_lifetime: null,
    // Seconds. The default grows to 20: too long to stand by when PostgreSQL is back.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    fetch_types: false,
    // TLS, too, is the socket's affair.
    ssl: false,
    socket: sockets({ url, connectTimeoutMs: CONNECT_TIMEOUT_SECONDS * 1000, silenceMs }),
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      // A relay that is frozen between its rows and their commit holds them no longer than this. Publishing, in between,
      // takes 10 s at the very most.
      idle_in_transaction_session_timeout: 12_000,
    },
  };
  const few = Math.min(connections, OTHERS_AT_MOST);
  const hot = (max: number, plan_cache_mode: string) =>
    postgres(url, { ...options, max, connection: { ...options.connection, ...LOOK_UPS, plan_cache_mode } });
  const sql = hot(connections, 'force_custom_plan');
  const kept = hot(few, 'auto');
  const ordinary = postgres(url, { ...options, max: few });
  const pools = [sql, kept, ordinary];
  for (const pool of pools) {
    knowArrays(pool);
    survivingBegin(pool);
  }
  return {
    sql,
    kept,
    orm: drizzle(ordinary, { schema }),
    close: async () => {
      // Whoever closes has finished. A connection that was ever lost waits for an end that cannot come, so not long.
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}
