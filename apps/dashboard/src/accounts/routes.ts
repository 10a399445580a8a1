import { Hono } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { registerDelete } from './delete-routes.ts';
import { registerPlacing } from './placing-routes.ts';
import { registerSendTest } from './send-test-routes.ts';
import { registerSettings } from './settings-routes.ts';
import { showProviders } from './show-providers.ts';

/**
 * The provider accounts: everybody sees them, admins change them. The statements are the API's, with the person as the
 * actor; credentials come in with a form, are sealed at once and never leave again.
 */
export function accountRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/providers', (c) => showProviders(c, deps));
  registerPlacing(app, deps);
  registerSettings(app, deps);
  registerSendTest(app, deps);
  registerDelete(app, deps);
  return app;
}
