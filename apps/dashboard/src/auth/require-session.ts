import { useSession } from '@carillon/services/staff/session';
import type { MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { formToken } from './form-token.ts';
import { safeRedirect } from './safe-redirect.ts';
import { type Cookies, hashSecret } from './session-cookie.ts';

/** A session that is idle for this long has expired, regardless of its age. */
export const IDLE_MINUTES = 60;

/** The page to set a password after a login with a one-time password; until then no other page opens. */
export const PASSWORD_PATH = '/password';

/** Requires a session: pages redirect to the login and back, Bull Board's calls get a 401. */
export function requireSession(
  deps: Pick<DashboardDeps, 'sql'>,
  cookies: Cookies,
): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const secret = cookies.read(c, 'session');
    const staff = secret
      ? await useSession({ db: deps.sql }, { tokenHash: hashSecret(secret), idleMinutes: IDLE_MINUTES })
      : null;
    if (secret && staff) {
      c.set('staff', staff);
      c.set('formToken', formToken(secret));
      if (!staff.mustChoosePassword || c.req.path === PASSWORD_PATH) return next();
      if (c.req.path.startsWith('/queues/api/')) return c.json({ error: 'Choose a password first.' }, 403);
      return c.redirect(PASSWORD_PATH, 303);
    }
    if (c.req.path.startsWith('/queues/api/')) {
      return c.json({ error: 'Your session has ended. Reload the page to log in again.' }, 401);
    }
    const url = new URL(c.req.url);
    const wanted = c.req.method === 'GET' ? safeRedirect(url.pathname + url.search) : '/';
    return c.redirect(wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`, 303);
  };
}
