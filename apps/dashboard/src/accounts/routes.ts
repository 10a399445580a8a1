import { Hono } from 'hono';
import { looks } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { registerDelete } from './delete-routes.ts';
import { registerPlacing } from './routing-routes.ts';
import { registerSendTest } from './send-test-routes.ts';
import { registerSettings } from './settings-routes.ts';
import { showProviders } from './show-providers.ts';

/**
 * The provider accounts: all staff see them, admins change them. Uses the API's services with the person as the actor;
 * credentials from a form are encrypted at once and never shown again.
 */
export function accountRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/providers', looks, (c) => showProviders(c, deps));
  registerPlacing(app, deps);
  registerSettings(app, deps);
  registerSendTest(app, deps);
  registerDelete(app, deps);
  return app;
}
