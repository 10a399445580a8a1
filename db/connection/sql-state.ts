/**
 * Classifies the error of a failed statement: the one place that reads SQLSTATEs and network error codes. Code that
 * repeats a write, splits a group, answers 503 or renews a connection uses this.
 *
 * - `unreachable`: the connection broke or could not be made. Repeat.
 * - `unavailable`: the server cannot do it now (starting, stopping, full, out of memory, locks, time-outs). Repeat.
 * - `read_only`: this server does not write: a failover is under way, or this session kept an old primary. Repeat on a
 *   new connection.
 * - `data`: the values are at fault (22xxx, 23xxx and similar). The same statement with the same values fails again, so
 *   never repeat it; of a group, one member is to blame.
 * - `defect`: Carillon's own mistake (syntax, missing table, missing permission) or an error that is not PostgreSQL's.
 *   Repeating does not help, and no member of a group is to blame.
 *
 * Source: PostgreSQL 18, Appendix A "PostgreSQL Error Codes".
 */
export type SqlFailure = 'unreachable' | 'unavailable' | 'read_only' | 'data' | 'defect';

/** Codes of Node's sockets and of postgres.js for a connection that broke or was never made. */
const NETWORK_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whole classes, by their first two characters. */
const BY_CLASS: Readonly<Record<string, SqlFailure>> = {
  '08': 'unreachable', // connection exception
  '21': 'data', // cardinality violation: a group names one row twice
  '22': 'data', // data exception
  '23': 'data', // integrity constraint violation
  '40': 'unavailable', // transaction rollback: serialization failure, deadlock
  '44': 'data', // WITH CHECK OPTION violation
  '53': 'unavailable', // insufficient resources: disk full, out of memory, too many connections
  '57': 'unavailable', // operator intervention: cancelled, shutting down, starting
  '58': 'unavailable', // system error: I/O
};

/** Single codes that do not follow their class. */
const BY_CODE: Readonly<Record<string, SqlFailure>> = {
  '25006': 'read_only', // read-only SQL transaction
  '25P03': 'unavailable', // idle in transaction session timeout
  '25P04': 'unavailable', // transaction timeout
  '40002': 'data', // transaction integrity constraint violation
  '54000': 'data', // program limit exceeded
  '54001': 'data', // statement too complex
  '55P03': 'unavailable', // lock not available
  P0001: 'data', // raised by a trigger of Carillon that refuses a row
};

/** @param error whatever a statement rejected with; causes are followed (Drizzle wraps). */
export function sqlFailure(error: unknown): SqlFailure {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code !== 'string') continue;
    if (NETWORK_CODES.has(code)) return 'unreachable';
    const known = /^[0-9A-Z]{5}$/.test(code) ? (BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)]) : undefined;
    if (known) return known;
  }
  return 'defect';
}

/** Whether the same statement may succeed later, on this connection or another. */
export function isTransient(error: unknown): boolean {
  const failure = sqlFailure(error);
  return failure === 'unreachable' || failure === 'unavailable' || failure === 'read_only';
}

/**
 * Whether a read that failed on a replica may succeed on the primary: the replica is away, cancelled the statement for
 * the sake of its replay (40001), or lacks a table or right that the primary has by now. Not what took too long, which
 * would take as long there; not what the values are to blame for, and no error of anything but PostgreSQL.
 */
export function mayAskPrimary(error: unknown): boolean {
  const failure = sqlFailure(error);
  if (failure === 'data' || isQueryCancelled(error)) return false;
  if (failure !== 'defect') return true;
  for (let at = error; at instanceof Error; at = at.cause)
    if (/^[0-9A-Z]{5}$/.test(String((at as { code?: unknown }).code))) return true;
  return false;
}

/** Whether a statement was ended before it was done: it took longer than it may (`statement_timeout`). */
export function isQueryCancelled(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ((at as { code?: unknown }).code === '57014') return true;
  return false;
}
