import { isTraced } from '@carillon/core/program/traces';
import { Hono } from 'hono';
import { accountRoutes } from './accounts/routes.ts';
import { assetRoutes } from './assets/routes.ts';
import { loginRoutes } from './auth/login-routes.ts';
import { passwordRoutes } from './auth/password-routes.ts';
import { requireSession } from './auth/require-session.ts';
import { createCookies } from './auth/session-cookie.ts';
import { breakerRoutes } from './breakers/routes.ts';
import type { DashboardDeps, DashboardEnv } from './deps.ts';
import { metricsRoute } from './metrics-route.ts';
import { answerError } from './middleware/answer-error.ts';
import { measure } from './middleware/measure.ts';
import { pageDeadline } from './middleware/page-deadline.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import { createPulseNow } from './notifications/pulse-now.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { problemPage } from './pages/problem.ts';
import { BOARD_PATH, boardRoutes } from './queues/board.ts';
import { webhookRoutes } from './webhooks/routes.ts';

/**
 * The dashboard as one Hono app. The login, health, metrics and two assets need no session; everything else does. The order
 * matters: origin check, then session, then what the role allows.
 */
export function createDashboard(deps: DashboardDeps): Hono<DashboardEnv> {
  const production = deps.config.NODE_ENV === 'production';
  const cookies = createCookies(production);
  const app = new Hono<DashboardEnv>();

  if (isTraced()) app.use(traceRequests());
  app.use(measure(deps.metrics));
  app.use(securityHeaders(production));
  app.use(pageDeadline(deps.deadlineMs));
  app.onError(answerError(deps.log));
  app.notFound((c) => c.html(problemPage('No such page', 'The address leads nowhere.'), 404));

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    // Without Redis all pages except the queues work.
    const servers = await deps.servers.look();
    const ready = servers.postgres === 'ok' && servers.missing_migrations.length === 0;
    return c.json({ status: ready ? 'ready' : 'not_ready', ...servers }, ready ? 200 : 503);
  });
  app.route('/', metricsRoute(deps));
  app.route('/assets', assetRoutes());

  app.use(sameOrigin);
  app.route('/', loginRoutes(deps, cookies));
  app.use(requireSession(deps, cookies));
  app.route('/', passwordRoutes(deps, cookies));
  app.route('/', notificationRoutes(deps, createPulseNow(deps)));
  app.route('/', accountRoutes(deps));
  app.route('/', breakerRoutes(deps));
  app.route('/', webhookRoutes(deps));
  app.route(BOARD_PATH, boardRoutes(deps));
  return app;
}
