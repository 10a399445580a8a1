import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import type { Metrics } from '../metrics.ts';
import { registeredRoute } from './registered-route.ts';

/** Measures the duration of every request, labelled with the registered path. */
export function measure(metrics: Metrics): MiddlewareHandler<ApiEnv> {
  return async function measure(c, next) {
    const start = performance.now();
    await next();
    metrics.answered(c.req.method, registeredRoute(c), c.res.status, (performance.now() - start) / 1000);
  };
}
