import type { Api, ApiDeps } from '../deps.ts';
import { registerSendBatch } from './notifications/send-batch.ts';
import { registerSend } from './notifications/send.ts';
import { registerOperations } from './operations/register-operations.ts';

/**
 * Every route of the API, in the order of the documentation. One folder per resource, one file per verb; each file
 * exports `register<Verb>(app: Api, deps: ApiDeps): void`, describes itself with `createRoute` and answers with
 * `c.json`. Refusals are thrown as ProblemError. Everything under /v1 arrives authenticated, rate limited and with its
 * JSON body in `c.get('body')`; the scope is the route's own `middleware: [requireScope(...)]`.
 */
export function registerRoutes(app: Api, deps: ApiDeps): void {
  registerSend(app, deps);
  registerSendBatch(app, deps);
  registerOperations(app, deps);
}
