import { DeadlineError } from '@carillon/core/notification/deadline';
import { PROBLEMS, type ProblemCode, ProblemError, problemBody } from '@carillon/core/text/problem';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Api, ApiDeps, ApiEnv } from '../deps.ts';
import { problemPage, wantsPage } from '../pages/problem-page.ts';
import { createOutageLog } from './outage-log.ts';
import { registeredRoute } from './registered-route.ts';

/** Refusals that come before routing: for a path that does not exist, 404 is the better answer. */
const BEFORE_ROUTING: ReadonlySet<ProblemCode> = new Set([
  'unauthenticated',
  'malformed_json',
  'too_large',
  'unsupported_media_type',
]);

/** Installs the one handler that turns any thrown error, and any unknown path, into application/problem+json. */
export function answerProblems(app: Api, { baseUrl, log }: Pick<ApiDeps, 'baseUrl' | 'log'>): void {
  const routes = routeTable(app);
  const noteOutage = createOutageLog(log);

  const onError: ErrorHandler<ApiEnv> = (thrown, c) => {
    let problem = toProblem(thrown, c.req.method);
    if (problem.code === 'unavailable') noteOutage(problem.cause ?? problem);
    if (BEFORE_ROUTING.has(problem.code)) problem = routes.refusal(c.req.method, c.req.path) ?? problem;
    if (problem.code === 'internal') {
      log.error('unexpected error', {
        request_id: c.get('requestId'),
        method: c.req.method,
        route: registeredRoute(c),
        error: thrown,
      });
    }
    return answer(c, problem, baseUrl());
  };
  const notFound: NotFoundHandler<ApiEnv> = (c) =>
    answer(c, routes.refusal(c.req.method, c.req.path) ?? noSuchThing(c.req.method, c.req.path), baseUrl());

  app.onError(onError);
  app.notFound(notFound);
}

/**
 * Any thrown error as a refusal. For unknown errors the caller receives nothing but the request id.
 *
 * @param method of the request: the advice about repeating depends on it.
 */
export function toProblem(thrown: unknown, method = 'POST'): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  if (thrown instanceof HTTPException) {
    if (thrown.status === 400)
      return new ProblemError('malformed_json', `${thrown.message}. Check quotes, commas and brackets.`);
    if (thrown.status === 415) {
      return new ProblemError(
        'unsupported_media_type',
        'Only JSON is read here. Send "Content-Type: application/json".',
      );
    }
    if (thrown.status === 413) return new ProblemError('too_large', thrown.message);
  }
  if (isTransient(thrown) || thrown instanceof DeadlineError) return unanswered(method, thrown);
  return new ProblemError(
    'internal',
    'Internal error. The request id identifies it in the log. Try again later.',
    {
      cause: thrown,
    },
  );
}

/** A 503 of any route: a write may have been done, and whether it can be repeated unchanged depends on the method. */
export function unanswered(method: string, cause?: unknown): ProblemError {
  const what = 'The database does not answer, or cannot do this now';
  if (method === 'GET' || method === 'HEAD') {
    return new ProblemError('unavailable', `${what}. Nothing was changed; repeat the request.`, {
      retryAfterSeconds: 2,
      cause,
    });
  }
  const remedy =
    method === 'POST'
      ? 'Repeat it with the same Idempotency-Key where it has one; else look first whether it was done'
      : 'It can be repeated as it is';
  return new ProblemError(
    'unavailable',
    `${what}, so it is not known whether the request was carried out. ${remedy}.`,
    { retryAfterSeconds: 2, cause },
  );
}

/** The URL of the page that explains every code. */
export function problemsUrl(baseUrl: string): string {
  return `${baseUrl}/docs/problems`;
}

function answer(c: Context<ApiEnv>, problem: ProblemError, baseUrl: string): Response {
  c.set('problem', problem);
  for (const [name, value] of Object.entries(problem.headers ?? {})) c.header(name, value);
  if (problem.retryAfterSeconds !== undefined) c.header('Retry-After', String(problem.retryAfterSeconds));
  const { status } = PROBLEMS[problem.code];
  if (wantsPage(c)) {
    const { text, headers } = problemPage(c, problem);
    return c.body(text, status, headers);
  }
  c.header('Content-Type', 'application/problem+json');
  const body = JSON.stringify(problemBody(problem, problemsUrl(baseUrl), c.get('requestId')));
  return c.body(body, status);
}

function noSuchThing(method: string, path: string): ProblemError {
  return new ProblemError('not_found', `There is no ${method} ${path}. The API is described at /docs.`);
}

/** The methods of each registered path, read from the app at the first miss. */
function routeTable(app: Api) {
  let known: { method: string; pattern: RegExp }[] | null = null;
  return {
    /** 404 or 405 if nothing handles this request; null if something does. */
    refusal(method: string, path: string): ProblemError | null {
      known ??= app.routes
        .filter((route) => route.method !== 'ALL')
        .map((route) => ({ method: route.method, pattern: patternOf(route.path) }));
      const methods = new Set(known.filter((route) => route.pattern.test(path)).map((route) => route.method));
      if (methods.has('GET')) methods.add('HEAD');
      if (methods.size === 0) return noSuchThing(method, path);
      if (methods.has(method)) return null;
      const allowed = [...methods].sort().join(', ');
      return new ProblemError('method_not_allowed', `${path} has no ${method}; it has ${allowed}.`, {
        headers: { Allow: allowed },
      });
    },
  };
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) => {
      if (part === '*') return '.*';
      if (part.startsWith(':')) return '[^/]+';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}
