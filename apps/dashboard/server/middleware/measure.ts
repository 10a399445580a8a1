import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { DashboardEnv } from '../deps.ts';
import type { Metrics } from '../metrics.ts';

/** Methods with pages and actions. Anybody can send others, and each would be a label. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Measures the duration of every request, labelled with the registered path. */
export function measure(metrics: Pick<Metrics, 'answered'>): MiddlewareHandler<DashboardEnv> {
  return async function measure(c, next) {
    const start = performance.now();
    await next();
    const method = METHODS.has(c.req.method) ? c.req.method : 'other';
    // Of the handler that answered: the last one that matches is a middleware.
    metrics.answered(method, routePath(c), c.res.status, (performance.now() - start) / 1000);
  };
}
