import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from '../deps.ts';
import type { Metrics } from '../metrics.ts';

/** Measures the duration of every request, labelled with the registered path. */
export function measure(metrics: Metrics): MiddlewareHandler<ApiEnv> {
  return async function measure(c, next) {
    const start = performance.now();
    await next();
    metrics.answered(c.req.method, routePath(c, -1), c.res.status, (performance.now() - start) / 1000);
  };
}
