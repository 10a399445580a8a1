import { DeadlineError } from '@carillon/core/notification/deadline';
import type { Log } from '@carillon/core/program/log';
import { PROBLEMS, ProblemError } from '@carillon/core/text/problem';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';
import { routeOf } from './trace-requests.ts';

const STATEMENT_TIMEOUT = '57014';
/**
 * The one handler that turns a thrown error into an answer. Statement parameters are never logged: they contain
 * personal data.
 */
export function answerError(log: Pick<Log, 'error' | 'warn'>): ErrorHandler<DashboardEnv> {
  return (error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof ProblemError) {
      // A refusal of a verb. The object may have been removed or changed since the page was rendered.
      if (error.code === 'not_found') return c.notFound();
      return c.html(problemPage('Nothing was changed', error.message), PROBLEMS[error.code].status);
    }
    const code =
      error instanceof DeadlineError ? 'NO_ANSWER' : String((error as { code?: unknown }).code ?? '');
    const passes = isTransient(error) || error instanceof DeadlineError;
    const fields = { method: c.req.method, route: routeOf(c), error, ...(code ? { code } : {}) };
    if (passes) log.warn('a page could not be shown', fields);
    else log.error('unexpected error', fields);
    if (code === STATEMENT_TIMEOUT) {
      return c.html(
        problemPage(
          'That took too long',
          'The filter fits too few of too many rows. Narrow it, by recipient for example.',
        ),
        503,
      );
    }
    if (passes) {
      c.header('Retry-After', '5');
      return c.html(
        problemPage(
          'PostgreSQL does not answer',
          'Nothing is lost. Try again in a few seconds; if this was a change, look first whether it was made.',
        ),
        503,
      );
    }
    return c.html(problemPage('Something broke', 'The error is in the log of the dashboard process.'), 500);
  };
}
