import { startServerSpan } from '@carillon/telemetry/server-span';
import { context } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { registeredRoute } from './registered-route.ts';

/** One span for every request, named by the registered path. Only installed where traces are on. */
export function traceRequests(): MiddlewareHandler<ApiEnv> {
  return async function traceRequests(c, next) {
    const span = startServerSpan(c.req.method, c.req.path, (name) => c.req.header(name));
    if (span === null) return next();
    try {
      await context.with(span.context, next);
    } finally {
      span.end(registeredRoute(c), c.res.status);
    }
  };
}
