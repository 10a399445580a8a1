import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';

const STATEMENT_TIMEOUT = '57014';
/** Connection trouble: the driver's own codes, SQLSTATE classes 08 and 57P, and the socket's. */
const UNREACHABLE = /^(08...|57P..|53300|CONNECTION_|CONNECT_TIMEOUT|ECONN|ENOTFOUND|EPIPE|ETIMEDOUT)/;

/** The one place where a thrown error becomes an answer. Parameters of statements are never logged: they name people. */
export function answerError(log: DashboardDeps['log']): ErrorHandler<DashboardEnv> {
  return (error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    const code = String((error as { code?: unknown }).code ?? '');
    log('request failed', {
      method: c.req.method,
      path: c.req.path,
      code,
      error: error.message,
      stack: error.stack,
    });
    if (code === STATEMENT_TIMEOUT) {
      return c.html(
        problemPage(
          'That took too long',
          'The filter fits too few of too many rows. Narrow it, by recipient for example.',
        ),
        503,
      );
    }
    if (UNREACHABLE.test(code)) {
      c.header('Retry-After', '5');
      return c.html(
        problemPage('PostgreSQL does not answer', 'Nothing is lost. Try again in a few seconds.'),
        503,
      );
    }
    return c.html(problemPage('Something broke', 'The error is in the log of the dashboard process.'), 500);
  };
}
