import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { ApiEnv } from '../deps.ts';
import type { Metrics } from '../metrics.ts';

/** Times every request under the path it was registered with. */
export function measure(metrics: Metrics): MiddlewareHandler<ApiEnv> {
  return async function measure(c, next) {
    const start = performance.now();
    await next();
    const route = matchedRoutes(c).findLast((each) => each.method !== 'ALL')?.path ?? 'none';
    metrics.answered(c.req.method, route, c.res.status, (performance.now() - start) / 1000);
  };
}
