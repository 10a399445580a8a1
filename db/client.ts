import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema/index.ts';

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
  /**
   * `each_time` for statements that join keys to large tables: a plan kept from when a table was small goes on walking
   * it while it grows. `kept` where the statements only insert: it saves 0.3 ms a statement.
   */
  plans?: 'each_time' | 'kept';
}

export function openDatabase({
  url,
  name,
  connections = 8,
  statementTimeoutMs = 15_000,
  plans = 'each_time',
}: DatabaseOptions): Database {
  const options = {
    connect_timeout: 5,
    idle_timeout: 0,
    max_lifetime: null,
    // Seconds. The default grows to 20: too long to stand by when PostgreSQL is back.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    connection: {
      application_name: name,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: 30_000,
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
  return {
    sql: hot,
    orm: drizzle(ordinary, { schema }),
    close: async () => {
      await Promise.all([hot.end({ timeout: 5 }), ordinary.end({ timeout: 5 })]);
    },
  };
}
