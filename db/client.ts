import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { knowArrays } from './arrays.ts';
import * as schema from './schema/index.ts';
import { sockets } from './sockets.ts';
import { survivingBegin } from './transactions.ts';

/**
 * The two ways into PostgreSQL. `sql` is for the hot statements in db/queries (tagged SQL, prepared); `orm` is Drizzle
 * for ordinary queries. They are separate pools because Drizzle changes the serializers of the client it is given.
 */
export interface Database {
  sql: postgres.Sql;
  orm: PostgresJsDatabase<typeof schema>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections of the hot pool; the ordinary pool has at most 4. */
  connections?: number;
  /** A statement that takes longer is cancelled by the server. */
  statementTimeoutMs?: number;
  /** A connection that has said nothing for so long is ended; longer than a statement may take. */
  silenceMs?: number;
  /**
   * `each_time` for statements that join keys to large tables: a plan kept from when a table was small goes on walking
   * it while it grows. `kept` where the statements only insert: it saves 0.3 ms a statement.
   */
  plans?: 'each_time' | 'kept';
}

const CONNECT_TIMEOUT_SECONDS = 5;

export function openDatabase({
  url,
  name,
  connections = 8,
  statementTimeoutMs = 15_000,
  silenceMs = 30_000,
  plans = 'each_time',
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
  const hot = postgres(url, {
    ...options,
    max: connections,
    // The hot statements look up keys, always. A plan made from young statistics walks or hashes the whole table
    // (measured: x8 slower finishes): forbid those plans.
    connection: {
      ...options.connection,
      enable_seqscan: 'off',
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      jit: 'off',
      plan_cache_mode: plans === 'each_time' ? 'force_custom_plan' : 'auto',
    },
  });
  const ordinary = postgres(url, { ...options, max: Math.min(connections, 4) });
  for (const client of [hot, ordinary]) {
    knowArrays(client);
    survivingBegin(client);
  }
  return {
    sql: hot,
    orm: drizzle(ordinary, { schema }),
    close: async () => {
      // Whoever closes has finished. A connection that was ever lost waits for an end that cannot come, so not long.
      await Promise.all([hot.end({ timeout: 1 }), ordinary.end({ timeout: 1 })]);
    },
  };
}
