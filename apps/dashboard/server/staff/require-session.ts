import { readSession } from '@carillon/services/staff/sign-in';
import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import type { Auth } from './auth.ts';

/**
 * Requires a live session; without one the answer is 401 in the API's form of problems. Account and roles are read with
 * every request.
 */
export function requireSession(
  { sql }: Pick<DashboardDeps, 'sql'>,
  auth: () => Auth,
): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const found = await auth().api.getSession({ headers: c.req.raw.headers });
    const staff = found ? await readSession({ db: sql }, found.session.id) : null;
    if (staff === null) {
      // A page of Bull Board, opened in a browser: the page of the lanes asks for a login and leads back.
      if (c.req.header('accept')?.includes('text/html')) return c.redirect('/lanes', 303);
      const detail = 'Your session has ended. Sign in again.';
      return c.json(
        { status: 401, code: 'unauthenticated', title: 'No session', detail, error: detail },
        401,
      );
    }
    c.set('staff', staff);
    return next();
  };
}
