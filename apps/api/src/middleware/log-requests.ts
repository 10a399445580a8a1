import { scrubId } from '@carillon/core/program/scrub';
import type { ProblemError } from '@carillon/core/text/problem';
import type { MiddlewareHandler } from 'hono';
import type { Api, ApiDeps, ApiEnv } from '../deps.ts';
import { vocabularyOf } from '../request-log/vocabulary.ts';
import { shapeOf, shownPath, shownProblem, shownQuery } from '../request-log/without-contents.ts';
import { registeredRoute } from './registered-route.ts';
import { partsOf } from './request-strings.ts';

/** Notes every request with a valid key for the request log. Requests without one belong to no app and leave nothing. */
export function logRequests(
  app: Api,
  { requestLog, clock }: Pick<ApiDeps, 'requestLog' | 'clock'>,
): MiddlewareHandler<ApiEnv> {
  return async function logRequests(c, next) {
    const began = performance.now();
    await next();
    // Not set where the key was refused.
    const caller = c.get('caller') as ApiEnv['Variables']['caller'] | undefined;
    if (caller === undefined) return;
    const { method } = c.req;
    const { status } = c.res;
    const route = registeredRoute(c);
    requestLog.note({
      keyId: caller.keyId,
      method,
      route,
      status,
      describe: () => {
        const { path, query } = partsOf(c.req.raw.url);
        const given = c.get('problem');
        const words = vocabularyOf(app);
        const ownPath = shownPath(route, path, status < 400, words);
        const problem = given === undefined ? null : shownProblem(withPath(given, path, ownPath), words);
        return {
          at: new Date(clock.now()),
          appId: caller.appId,
          environment: caller.environment,
          keyId: caller.keyId,
          method,
          route: route.includes('*') ? '' : route,
          path: ownPath + shownQuery(query, words),
          status,
          durationMs: Math.round(performance.now() - began),
          requestId: scrubId(c.get('requestId')),
          code: problem?.code ?? null,
          detail: problem?.detail ?? null,
          errors: problem?.errors ?? null,
          body: problem === null || c.get('body') === undefined ? null : shapeOf(c.get('body'), words),
        };
      },
    });
  };
}

/** A refusal may quote the path, as it came or decoded. */
function withPath({ code, message, errors }: ProblemError, path: string, shown: string) {
  const decoded = decodedPath(path);
  return { code, errors, message: message.replaceAll(path, shown).replaceAll(decoded, shown) };
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
