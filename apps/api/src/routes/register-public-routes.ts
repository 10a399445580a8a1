import type { Api, ApiDeps } from '../deps.ts';
import { limitStrangers, type StrangerLimit } from '../middleware/stranger-limit.ts';
import { registerReceiveReceipt } from './receipts/receive.ts';
import { registerTracking } from './tracking/register-tracking.ts';
import { registerPreferencesPage } from './unsubscribe/register-preferences.ts';
import { registerUnsubscribe } from './unsubscribe/register-unsubscribe.ts';

/**
 * Routes under /v1 that need no API key: registered before the middleware that requires one. Receipts come in bursts
 * from few addresses, so only those for accounts that do not exist are counted against their address.
 */
export function registerPublicRoutes(app: Api, deps: ApiDeps, strangers: StrangerLimit): void {
  registerReceiveReceipt(app, deps, strangers);
  for (const path of ['/v1/unsubscribe/*', '/v1/preferences/*', '/v1/opens/*', '/v1/clicks/*']) {
    app.use(path, limitStrangers(strangers));
  }
  registerUnsubscribe(app, deps);
  registerPreferencesPage(app, deps);
  registerTracking(app, deps);
}
