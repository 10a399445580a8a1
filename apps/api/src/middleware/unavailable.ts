/** Network errors on the way to PostgreSQL (Node's and postgres.js' codes). */
const BROKEN_PIPE = new Set([
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

/** SQLSTATEs that say "not now": the server is starting, stopping, full, read-only or gave up on time. */
const NOT_NOW = new Set([
  '53300', // too many connections
  '53400', // configuration limit exceeded
  '57014', // statement timeout
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
  '25006', // read-only: a failover is under way
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // lock not available
]);

/** Whether an error means that the database cannot be reached or cannot work now, rather than that we asked wrongly. */
export function isUnavailable(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code !== 'string') continue;
    if (BROKEN_PIPE.has(code) || NOT_NOW.has(code) || code.startsWith('08')) return true;
  }
  return false;
}
