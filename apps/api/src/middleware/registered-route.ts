import type { Context } from 'hono';
import { matchedRoutes, routePath } from 'hono/route';

/**
 * The path as the handler of a request registered it, such as `/v1/notifications/:id`; of a request that only middleware
 * saw, the pattern of the last one (`/v1/*`). The first handler that matched answers; middleware, which matches as well,
 * is registered for all methods.
 */
export function registeredRoute(c: Context): string {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? routePath(c, -1);
}
