import type { DatabaseAddress } from '@carillon/core/program/database-settings';
import { withoutTls } from '@carillon/core/program/postgres-tls';
import postgres, { type Sql } from 'postgres';
import { knowArrays } from './arrays.ts';
import { type SocketOptions, sockets } from './sockets.ts';
import { afterBegin, beforeStatement, type Settings } from './transaction-settings.ts';
import { survivingBegin } from './transactions.ts';

export interface PoolOptions extends Required<Pick<SocketOptions, 'silenceMs' | 'lastFailure' | 'sessions'>> {
  url: string;
  pooler: DatabaseAddress['pooler'];
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections at most. */
  max: number;
  /** An unused connection is closed after so long; 0: never. */
  idleSeconds: number;
  /** Of each session; behind a pooler, of each transaction. */
  settings: Settings;
}

const CONNECT_TIMEOUT_SECONDS = 5;

/**
 * A pool with what all have in common: sockets of our own, no queries of the library for types, quick attempts to connect
 * again. Behind a pooler it keeps no state in a session: no named statements, no settings, which a pooler also refuses
 * at the start of a connection.
 */
export function openPool({ url, pooler, name, max, idleSeconds, settings, ...watch }: PoolOptions): Sql {
  const isPooled = pooler !== null;
  const options = {
    max,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: idleSeconds,
    max_lifetime: null,
    // Seconds. The default grows to 20: too long a wait when PostgreSQL is back.
    backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 1) * (0.5 + Math.random() / 2),
    onnotice: () => {},
    fetch_types: false,
    prepare: !isPooled,
    ssl: false,
    socket: sockets({
      url,
      connectTimeoutMs: CONNECT_TIMEOUT_SECONDS * 1000,
      before: isPooled ? beforeStatement(settings) : null,
      ...watch,
    }),
    connection: { application_name: name, ...(isPooled ? {} : settings) },
  };
  const sql = postgres(withoutTls(url), options);
  knowArrays(sql);
  survivingBegin(sql, isPooled ? afterBegin(settings) : '');
  return sql;
}

/** @returns the settings that every pool has. */
export function poolSettings(limits: {
  statementTimeoutMs: number;
  lockTimeoutMs: number;
  readOnly: boolean;
}): Settings {
  return {
    statement_timeout: limits.statementTimeoutMs,
    lock_timeout: limits.lockTimeoutMs,
    // A relay that is frozen between its rows and their commit holds them no longer than this. Publishing, in
    // between, takes at most 10 s.
    idle_in_transaction_session_timeout: 12_000,
    default_transaction_read_only: limits.readOnly,
  };
}
