import type { Api, ApiDeps } from '../deps.ts';
import { registerCancelNotification } from './notifications/cancel.ts';
import { registerGetNotification } from './notifications/get.ts';
import { registerListNotifications } from './notifications/list.ts';
import { registerRescheduleNotification } from './notifications/reschedule.ts';
import { registerRetryNotification } from './notifications/retry.ts';
import { registerSend } from './notifications/send.ts';
import { registerSendBatch } from './notifications/send-batch.ts';
import { registerOperations } from './operations/register-operations.ts';
import { registerAddDevice } from './recipients/add-device.ts';
import { registerGetRecipient } from './recipients/get.ts';
import { registerPutRecipient } from './recipients/put.ts';
import { registerRemoveDevice } from './recipients/remove-device.ts';
import { registerGetTemplate } from './templates/get.ts';
import { registerListTemplates } from './templates/list.ts';
import { registerPreviewTemplate } from './templates/preview.ts';
import { registerPutTemplate } from './templates/put.ts';

/**
 * Every route of the API, in the order of the documentation. One folder per resource, one file per verb; each file
 * exports `register<Verb>(app: Api, deps: ApiDeps): void`, describes itself with `createRoute` and answers with
 * `c.json`. Refusals are thrown as ProblemError. Everything under /v1 arrives authenticated, rate limited and with its
 * JSON body in `c.get('body')`; the scope is the route's own `middleware: [requireScope(...)]`.
 */
export function registerRoutes(app: Api, deps: ApiDeps): void {
  registerSend(app, deps);
  registerSendBatch(app, deps);
  registerGetNotification(app, deps);
  registerListNotifications(app, deps);
  registerCancelNotification(app, deps);
  registerRescheduleNotification(app, deps);
  registerRetryNotification(app, deps);
  registerPutRecipient(app, deps);
  registerGetRecipient(app, deps);
  registerAddDevice(app, deps);
  registerRemoveDevice(app, deps);
  registerPutTemplate(app, deps);
  registerGetTemplate(app, deps);
  registerListTemplates(app, deps);
  registerPreviewTemplate(app, deps);
  registerOperations(app, deps);
}
