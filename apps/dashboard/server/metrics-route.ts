import { mayReadMetrics } from '@carillon/core/access/metrics-token';
import { Hono } from 'hono';
import type { DashboardDeps } from './deps.ts';

/** GET /metrics for Prometheus, with METRICS_TOKEN as its bearer token: no session, and no page. */
export function metricsRoute({
  config,
  metrics: { registry },
}: Pick<DashboardDeps, 'metrics'> & { config: Parameters<typeof mayReadMetrics>[0] }): Hono {
  const app = new Hono();
  app.get('/metrics', async (c) => {
    if (!mayReadMetrics(config, c.req.header('authorization'))) {
      c.header('WWW-Authenticate', 'Bearer realm="metrics"');
      return c.text('Metrics need "Authorization: Bearer <METRICS_TOKEN>".\n', 401);
    }
    c.header('Content-Type', registry.contentType);
    return c.body(await registry.metrics());
  });
  return app;
}
