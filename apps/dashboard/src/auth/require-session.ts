import { findStaffSession } from '@carillon/db/queries/staff-find-session';
import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { formToken } from './form-token.ts';
import { nextPage } from './next-page.ts';
import { type Cookies, hashSecret } from './session-cookie.ts';

/** A session nobody used for this long is over, however young it is. */
export const IDLE_MINUTES = 60;

/** Lets only logged-in staff pass: people are sent to the login page and back, Bull Board's calls get a 401. */
export function requireSession(
  deps: Pick<DashboardDeps, 'sql'>,
  cookies: Cookies,
): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const secret = cookies.read(c, 'session');
    const staff = secret ? await findStaffSession(deps.sql, hashSecret(secret), IDLE_MINUTES) : null;
    if (secret && staff) {
      c.set('staff', staff);
      c.set('formToken', formToken(secret));
      return next();
    }
    if (c.req.path.startsWith('/queues/api/')) {
      return c.json({ error: 'Your session has ended. Reload the page to log in again.' }, 401);
    }
    const url = new URL(c.req.url);
    const wanted = c.req.method === 'GET' ? nextPage(url.pathname + url.search) : '/';
    return c.redirect(wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`, 303);
  };
}
