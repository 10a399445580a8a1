import type { Api, ApiDeps } from '../deps.ts';
import { registerReceiveReceipt } from './receipts/receive.ts';
import { registerTracking } from './tracking/register-tracking.ts';
import { registerUnsubscribe } from './unsubscribe/register-unsubscribe.ts';

/** Routes under /v1 that need no API key: registered before the middleware that asks for one. */
export function registerPublicRoutes(app: Api, deps: ApiDeps): void {
  registerReceiveReceipt(app, deps);
  registerUnsubscribe(app, deps);
  registerTracking(app, deps);
}
