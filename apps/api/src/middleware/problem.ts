import { errorFields } from '@carillon/core/log';
import { PROBLEMS, type ProblemCode, ProblemError, problemBody } from '@carillon/core/problem';
import type { Context, ErrorHandler, NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Api, ApiDeps, ApiEnv } from '../deps.ts';
import { isUnavailable } from './unavailable.ts';

/** Refusals that come before routing: for a path that does not exist, 404 is the better answer. */
const BEFORE_ROUTING: ReadonlySet<ProblemCode> = new Set([
  'unauthenticated',
  'malformed_json',
  'too_large',
  'unsupported_media_type',
]);

/** Installs the one place where anything thrown, and any unknown path, becomes application/problem+json. */
export function answerProblems(app: Api, { baseUrl, log }: Pick<ApiDeps, 'baseUrl' | 'log'>): void {
  const routes = routeTable(app);

  const onError: ErrorHandler<ApiEnv> = (thrown, c) => {
    let problem = toProblem(thrown);
    if (BEFORE_ROUTING.has(problem.code)) problem = routes.refusal(c.req.method, c.req.path) ?? problem;
    if (problem.code === 'internal') {
      log.error('unexpected error', {
        request_id: c.get('requestId'),
        path: c.req.path,
        ...errorFields(thrown),
      });
    }
    return answer(c, problem, baseUrl());
  };
  const notFound: NotFoundHandler<ApiEnv> = (c) =>
    answer(c, routes.refusal(c.req.method, c.req.path) ?? noSuchThing(c.req.method, c.req.path), baseUrl());

  app.onError(onError);
  app.notFound(notFound);
}

/** Anything thrown, as a refusal. Unknown errors tell the caller nothing but the request id. */
export function toProblem(thrown: unknown): ProblemError {
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
  if (isUnavailable(thrown)) return unavailable(thrown);
  return new ProblemError(
    'internal',
    'Something broke on our side; the request id leads us to it. Try again later.',
    {
      cause: thrown,
    },
  );
}

export function unavailable(cause?: unknown): ProblemError {
  return new ProblemError(
    'unavailable',
    'The database does not answer, so nothing can be promised now. Repeat the request with the same Idempotency-Key.',
    { retryAfterSeconds: 2, cause },
  );
}

/** The page that explains every code. */
export function problemsUrl(baseUrl: string): string {
  return `${baseUrl}/docs/problems`;
}

function answer(c: Context<ApiEnv>, problem: ProblemError, baseUrl: string): Response {
  for (const [name, value] of Object.entries(problem.headers ?? {})) c.header(name, value);
  if (problem.retryAfterSeconds !== undefined) c.header('Retry-After', String(problem.retryAfterSeconds));
  c.header('Content-Type', 'application/problem+json');
  const body = JSON.stringify(problemBody(problem, problemsUrl(baseUrl), c.get('requestId')));
  return c.body(body, PROBLEMS[problem.code].status);
}

function noSuchThing(method: string, path: string): ProblemError {
  return new ProblemError('not_found', `There is no ${method} ${path}. The API is described at /docs.`);
}

/** Which methods each registered path has, read from the app itself at the first miss. */
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
