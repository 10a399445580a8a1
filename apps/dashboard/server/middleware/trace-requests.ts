import { startServerSpan } from '@carillon/telemetry/server-span';
import { context } from '@opentelemetry/api';
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes, routePath } from 'hono/route';
import type { DashboardEnv } from '../deps.ts';

/** One span for every request, named by the registered path. Only installed where traces are on. */
export function traceRequests(): MiddlewareHandler<DashboardEnv> {
  return async function traceRequests(c, next) {
    const span = startServerSpan(c.req.method, c.req.path, (name) => c.req.header(name));
    if (span === null) return next();
    try {
      await context.with(span.context, next);
    } finally {
      span.end(routeOf(c), c.res.status);
    }
  };
}

/** The first handler that matched answers; middleware, which matches as well, is registered for all methods. */
export function routeOf(c: Context): string {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? routePath(c, -1);
}
