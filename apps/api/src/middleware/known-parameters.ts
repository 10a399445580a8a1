import type { FieldError } from '@carillon/core/text/problem';
import { show } from '@carillon/core/text/show';
import type { Context, MiddlewareHandler } from 'hono';
import type { Api, ApiEnv } from '../deps.ts';
import { invalid } from './invalid.ts';
import { registeredRoute } from './registered-route.ts';
import { parametersOf, partsOf } from './request-strings.ts';

/** The parameters and body of a route, from its description. */
interface Taken {
  query: readonly string[];
  body: boolean;
}

/**
 * Refuses what a route does not take instead of silently ignoring it: unknown or repeated query parameters, and any
 * field in the body of a route without one. The known parameters come from the schema that describes and checks the
 * route; that schema also refuses unknown fields in the bodies of other routes.
 *
 * @returns `parameters` for before the body is read, `body` for afterwards.
 */
export function refuseUnknown(app: Api): Record<'parameters' | 'body', MiddlewareHandler<ApiEnv>> {
  let known: ReadonlyMap<string, Taken> | null = null;
  /** Undefined where nothing is registered: the answer is 404 or 405. */
  const takenBy = (c: Context<ApiEnv>): Taken | undefined => {
    known ??= takenByRoute(app);
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
    return known.get(`${method} ${registeredRoute(c)}`);
  };

  return {
    parameters: async function knownParameters(c, next) {
      const { query } = partsOf(c.req.raw.url);
      const taken = query === '' ? undefined : takenBy(c);
      if (taken) assertKnown(query, taken.query);
      await next();
    },
    body: async function knownBody(c, next) {
      const body = c.get('body');
      if (body !== undefined && takenBy(c)?.body === false) assertEmpty(body);
      await next();
    },
  };
}

/** @throws ProblemError 422 naming each field of a body that should have none. */
function assertEmpty(body: unknown): void {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw invalid([
      { path: '', message: `${show(body)} is not an object; this takes no body: leave it out` },
    ]);
  const fields = Object.keys(body).slice(0, MAX_LISTED);
  if (fields.length === 0) return;
  throw invalid(
    fields.map((path) => ({
      path,
      message: `there is no field "${path}" here; this takes no body: leave it out`,
    })),
  );
}

/** The maximum number of fields that one answer lists. */
const MAX_LISTED = 100;

/** @throws ProblemError 422 naming each parameter that is unknown or repeated. */
function assertKnown(query: string, names: readonly string[]): void {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [raw] of parametersOf(query)) {
    const name = decodeURIComponent(raw.replaceAll('+', ' '));
    if (!names.some((each) => isNamed(name, each))) {
      const has = names.length === 0 ? 'none' : names.join(', ');
      errors.push({ path: name, message: `there is no query parameter "${name}" here; this has ${has}` });
    } else if (seen.has(name)) {
      errors.push({ path: name, message: 'is given more than once; give it once' });
    }
    seen.add(name);
  }
  if (errors.length > 0) throw invalid(errors);
}

/** A name that ends with `<...>` stands for all that begin so. */
function isNamed(name: string, known: string): boolean {
  const open = known.indexOf('<');
  return open === -1 ? name === known : name.length > open && name.startsWith(known.slice(0, open));
}

function takenByRoute(app: Api): ReadonlyMap<string, Taken> {
  const byRoute = new Map<string, Taken>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, request } = definition.route;
    const query: unknown = request?.query;
    const shape = query !== null && typeof query === 'object' && 'shape' in query ? Object(query.shape) : {};
    byRoute.set(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, {
      query: Object.keys(shape),
      body: request?.body !== undefined,
    });
  }
  return byRoute;
}
