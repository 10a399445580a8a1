import { isTraced } from '@carillon/core/program/traces';
import { Hono } from 'hono';
import { apiProxy } from './api-proxy.ts';
import { iconRoutes } from './assets/routes.ts';
import type { DashboardDeps, DashboardEnv } from './deps.ts';
import { MESSAGE_FRAME_PATH, messageFrameRoutes } from './message-frame.ts';
import { metricsRoute } from './metrics-route.ts';
import { answerError } from './middleware/answer-error.ts';
import { measure } from './middleware/measure.ts';
import { pageDeadline } from './middleware/page-deadline.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import { BOARD_PATH, boardRoutes } from './queues/board.ts';
import { requireSession } from './staff/require-session.ts';
import { authRoutes, sessionRoutes } from './staff/routes.ts';
import { uiRoutes } from './ui.ts';

/**
 * The browser's only origin: it serves the built pages, signs people in, mounts Bull Board under the same session and
 * forwards `/api/*` to the API. It decides nothing about notifications. The order matters: origin check, then session.
 */
export function createDashboard(deps: DashboardDeps): Hono<DashboardEnv> {
  const production = deps.config.NODE_ENV === 'production';
  const app = new Hono<DashboardEnv>();

  if (isTraced()) app.use(traceRequests());
  app.use(measure(deps.metrics));
  app.use(securityHeaders(production));
  app.use(pageDeadline(deps.deadlineMs));
  app.onError(answerError(deps.log));

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    // Without Redis everything except the queues works.
    const servers = await deps.servers.look();
    const ready = servers.postgres === 'ok' && servers.missing_migrations.length === 0;
    return c.json({ status: ready ? 'ready' : 'not_ready', ...servers }, ready ? 200 : 503);
  });
  app.route('/', metricsRoute(deps));
  app.route('/', iconRoutes());

  app.use(sameOrigin);
  app.route('/', authRoutes(deps, deps.auth));
  const session = requireSession(deps, deps.auth);
  for (const path of ['/session', '/session/*', '/api/*', MESSAGE_FRAME_PATH, BOARD_PATH, `${BOARD_PATH}/*`])
    app.use(path, session);
  app.route('/', sessionRoutes(deps));
  app.all('/api/*', apiProxy(deps));
  app.route('/', messageFrameRoutes());
  app.route(BOARD_PATH, boardRoutes(deps));
  app.route('/', uiRoutes());
  return app;
}
