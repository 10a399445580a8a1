import { withoutTls } from '@carillon/core/program/postgres-tls';
import postgres, { type Sql } from 'postgres';
import { knowArrays } from './arrays.ts';
import { sockets } from './sockets.ts';
import { survivingBegin } from './transactions.ts';

export interface SessionOptions {
  /** Of PostgreSQL itself, not of a pooler. */
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Settings of the session, such as `statement_timeout`. */
  settings?: Readonly<Record<string, string | number>>;
}

const CONNECT_TIMEOUT_SECONDS = 10;

/**
 * A client with one connection that may stay silent for as long as a statement takes: for migrations, backups and
 * whatever else is a session and not a transaction. The connection is opened by the first statement.
 */
export function openSession({ url, name, settings = {} }: SessionOptions): Sql {
  const options = {
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    ssl: false,
    socket: sockets({ url, connectTimeoutMs: CONNECT_TIMEOUT_SECONDS * 1000, silenceMs: null }),
    connection: { application_name: name, ...settings },
  };
  const sql = postgres(withoutTls(url), options);
  knowArrays(sql);
  survivingBegin(sql);
  return sql;
}
