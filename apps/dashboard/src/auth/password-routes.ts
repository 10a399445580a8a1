import { ProblemError } from '@carillon/core/text/problem';
import { choosePassword } from '@carillon/services/staff/choose-password';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { passwordPage } from '../pages/password.ts';
import { isSameToken } from './form-token.ts';
import { PASSWORD_PATH } from './require-session.ts';
import { type Cookies, hashSecret } from './session-cookie.ts';

/** GET and POST /password: sets a password after a login with a one-time password, and only then. */
export function passwordRoutes({ sql, log }: DashboardDeps, cookies: Cookies): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get(PASSWORD_PATH, (c) => {
    const { email, mustChoosePassword } = c.get('staff');
    if (!mustChoosePassword) return c.redirect('/', 303);
    return c.html(passwordPage({ token: c.get('formToken'), email }));
  });

  app.post(PASSWORD_PATH, bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
    const { id, email, mustChoosePassword } = c.get('staff');
    if (!mustChoosePassword) return c.redirect('/', 303);
    const form = await c.req.parseBody();
    const refuse = (problem: string, status: 403 | 409 | 422) =>
      c.html(passwordPage({ token: c.get('formToken'), email, problem }), status);
    if (!isSameToken(form['token'], c.get('formToken')))
      return refuse('This form is out of date. Try again.', 403);
    const password = typeof form['password'] === 'string' ? form['password'] : '';
    if (form['again'] !== password)
      return refuse('The two passwords are not the same. Enter them again.', 422);
    try {
      await choosePassword(
        { db: sql },
        { session: hashSecret(cookies.read(c, 'session') ?? ''), email, password },
      );
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return refuse(error.message, error.code === 'invalid_state' ? 409 : 422);
    }
    log.info('password chosen', { staff_id: id });
    return c.redirect('/', 303);
  });

  return app;
}
