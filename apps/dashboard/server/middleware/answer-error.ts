import { DeadlineError } from '@carillon/core/notification/deadline';
import type { Log } from '@carillon/core/program/log';
import { PROBLEMS, type ProblemCode, ProblemError } from '@carillon/core/text/problem';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { DashboardEnv } from '../deps.ts';
import { routeOf } from './trace-requests.ts';

/**
 * The one handler that turns a thrown error into an answer. Statement parameters are never logged: they contain
 * personal data.
 */
export function answerError(log: Pick<Log, 'error' | 'warn'>): ErrorHandler<DashboardEnv> {
  return (error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof ProblemError)
      return answer(c, PROBLEMS[error.code].status, error.code, error.message);
    const code =
      error instanceof DeadlineError ? 'NO_ANSWER' : String((error as { code?: unknown }).code ?? '');
    const passes = isTransient(error) || error instanceof DeadlineError;
    const fields = { method: c.req.method, route: routeOf(c), error, ...(code ? { code } : {}) };
    if (passes) log.warn('a request could not be answered', fields);
    else log.error('unexpected error', fields);
    if (passes) {
      c.header('Retry-After', '5');
      return answer(
        c,
        503,
        'unavailable',
        'PostgreSQL does not answer. Nothing is lost. Try again in a few seconds; if this was a change, look first whether it was made.',
      );
    }
    return answer(c, 500, 'internal', 'Internal error. It is in the log of the dashboard process.');
  };
}

/** In the API's form of problems (RFC 9457). */
function answer(c: Context, status: number, code: ProblemCode, detail: string): Response {
  const problem = { title: PROBLEMS[code].title, status, code, detail };
  return c.json(problem, status as 500, { 'Content-Type': 'application/problem+json' });
}
