import type { Context } from 'hono';
import { matchedRoutes, routePath } from 'hono/route';

/**
 * The path as the handler of a request registered it, such as `/v1/notifications/:id`; of a request that only middleware
 * saw, the pattern of the last one (`/v1/*`). Middleware that was registered after a handler also matches its requests,
 * so the last match alone may be a pattern.
 */
export function registeredRoute(c: Context): string {
  const handler = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'));
  return handler?.path ?? routePath(c, -1);
}
