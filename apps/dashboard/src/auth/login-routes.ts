import { clientAddressOf, networkOf } from '@carillon/providers/http/client-address';
import { endSession, openSession } from '@carillon/services/staff/session';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { DashboardDeps } from '../deps.ts';
import { loginPage } from '../pages/login.ts';
import { formToken, isSameToken } from './form-token.ts';
import { createLogIn } from './log-in.ts';
import { safeRedirect } from './safe-redirect.ts';
import { type Cookies, hashSecret, newSecret } from './session-cookie.ts';

const WRONG = 'E-mail address or password is wrong.';
const NO_COOKIE =
  'This form is out of date, or the browser does not keep our cookie. Try again; in production the dashboard needs HTTPS.';

/** GET and POST /login, POST /logout: everything that needs no session, or ends one. */
export function loginRoutes(deps: DashboardDeps, cookies: Cookies): Hono {
  const db = { db: deps.sql };
  const logIn = createLogIn(deps.sql);
  const app = new Hono();

  const showLogin = (
    c: Context,
    status: 200 | 401 | 403 | 429,
    shown: { next: string; email?: string; problem?: string },
  ) => {
    const visitor = cookies.read(c, 'visitor') ?? newSecret();
    cookies.write(c, 'visitor', visitor);
    return c.html(loginPage({ ...shown, token: formToken(visitor) }), status);
  };

  app.get('/login', (c) => showLogin(c, 200, { next: safeRedirect(c.req.query('next')) }));

  app.post('/login', bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
    const form = await c.req.parseBody();
    const email = typeof form['email'] === 'string' ? form['email'].trim().slice(0, 320) : '';
    const password = typeof form['password'] === 'string' ? form['password'] : '';
    const shown = { next: safeRedirect(form['next']), email };

    const visitor = cookies.read(c, 'visitor');
    if (!visitor || !isSameToken(form['token'], formToken(visitor))) {
      return showLogin(c, 403, { ...shown, problem: NO_COOKIE });
    }

    const socketAddress = getConnInfo(c).remote.address ?? 'unknown';
    const forwardedFor = c.req.header('x-forwarded-for');
    const address = clientAddressOf(socketAddress, forwardedFor, deps.config.TRUSTED_PROXIES);
    const outcome = await logIn(email, password, networkOf(address));
    if (outcome.kind === 'wait') {
      deps.metrics.login('throttled');
      const seconds = Math.ceil(outcome.waitMs / 1000);
      c.header('Retry-After', String(seconds));
      return showLogin(c, 429, { ...shown, problem: `Too many tries. Wait ${seconds} s, then try again.` });
    }
    if (outcome.kind === 'refused') {
      deps.metrics.login('refused');
      deps.log.warn('login refused', { client_ip: address });
      return showLogin(c, 401, { ...shown, problem: WRONG });
    }

    const secret = newSecret();
    const previous = cookies.read(c, 'session');
    const { account } = outcome;
    const opened = await openSession(db, {
      email: account.email,
      tokenHash: hashSecret(secret),
      staffId: account.id,
      passwordHash: account.passwordHash,
      hours: deps.config.SESSION_HOURS,
      replaces: previous ? hashSecret(previous) : null,
    });
    deps.metrics.login(opened ? 'welcome' : 'refused');
    if (!opened) return showLogin(c, 401, { ...shown, problem: WRONG });
    cookies.write(c, 'session', secret, deps.config.SESSION_HOURS * 3600);
    cookies.clear(c, 'visitor');
    return c.redirect(shown.next, 303);
  });

  app.post('/logout', async (c) => {
    const secret = cookies.read(c, 'session');
    const form = await c.req.parseBody();
    if (secret && isSameToken(form['token'], formToken(secret))) {
      await endSession(db, { tokenHash: hashSecret(secret) });
      cookies.clear(c, 'session');
      c.header('Clear-Site-Data', '"cache"');
    }
    return c.redirect('/login', 303);
  });

  return app;
}
