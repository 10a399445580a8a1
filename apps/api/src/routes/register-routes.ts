import type { Api, ApiDeps } from '../deps.ts';
import { registerHoldBreaker } from './breakers/hold.ts';
import { registerListBreakers } from './breakers/list.ts';
import { registerReleaseBreaker } from './breakers/release.ts';
import { registerDeleteCategory } from './categories/delete.ts';
import { registerGetCategory } from './categories/get.ts';
import { registerListCategories } from './categories/list.ts';
import { registerPutCategory } from './categories/put.ts';
import { registerCancelNotification } from './notifications/cancel.ts';
import { registerGetNotification } from './notifications/get.ts';
import { registerListNotifications } from './notifications/list.ts';
import { registerMarkNotificationSent } from './notifications/mark-sent.ts';
import { registerRescheduleNotification } from './notifications/reschedule.ts';
import { registerRetryNotification } from './notifications/retry.ts';
import { registerSend } from './notifications/send.ts';
import { registerSendBatch } from './notifications/send-batch.ts';
import { registerOperations } from './operations/register-operations.ts';
import { registerDeleteProviderAccount } from './provider-accounts/delete.ts';
import { registerGetProviderAccount } from './provider-accounts/get.ts';
import { registerListProviderAccounts } from './provider-accounts/list.ts';
import { registerPatchProviderAccount } from './provider-accounts/patch.ts';
import { registerPutProviderAccount } from './provider-accounts/put.ts';
import { registerTestProviderAccount } from './provider-accounts/send-test.ts';
import { registerVerifyProviderAccount } from './provider-accounts/verify.ts';
import { registerAddDevice } from './recipients/add-device.ts';
import { registerEraseRecipient } from './recipients/erase.ts';
import { registerGetRecipient } from './recipients/get.ts';
import { registerGetPreferences } from './recipients/preferences-get.ts';
import { registerPutPreferences } from './recipients/preferences-put.ts';
import { registerPutRecipient } from './recipients/put.ts';
import { registerRemoveDevice } from './recipients/remove-device.ts';
import { registerAddSuppression } from './suppressions/add.ts';
import { registerListSuppressions } from './suppressions/list.ts';
import { registerRemoveSuppression } from './suppressions/remove.ts';
import { registerGetTemplate } from './templates/get.ts';
import { registerListTemplates } from './templates/list.ts';
import { registerPreviewTemplate } from './templates/preview.ts';
import { registerPutTemplate } from './templates/put.ts';
import { registerChangeWebhookEndpoint } from './webhook-endpoints/change.ts';
import { registerCreateWebhookEndpoint } from './webhook-endpoints/create.ts';
import { registerListEventDeliveries } from './webhook-endpoints/deliveries.ts';
import { registerReadWebhookEndpoints } from './webhook-endpoints/read.ts';
import { registerReplayEvents } from './webhook-endpoints/replay.ts';
import { registerRotateWebhookSecret } from './webhook-endpoints/rotate-secret.ts';

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
  registerMarkNotificationSent(app, deps);
  registerPutRecipient(app, deps);
  registerGetRecipient(app, deps);
  registerEraseRecipient(app, deps);
  registerAddDevice(app, deps);
  registerRemoveDevice(app, deps);
  registerPutPreferences(app, deps);
  registerGetPreferences(app, deps);
  registerAddSuppression(app, deps);
  registerListSuppressions(app, deps);
  registerRemoveSuppression(app, deps);
  registerPutTemplate(app, deps);
  registerGetTemplate(app, deps);
  registerListTemplates(app, deps);
  registerPreviewTemplate(app, deps);
  registerPutCategory(app, deps);
  registerGetCategory(app, deps);
  registerListCategories(app, deps);
  registerDeleteCategory(app, deps);
  registerListBreakers(app, deps);
  registerHoldBreaker(app, deps);
  registerReleaseBreaker(app, deps);
  registerPutProviderAccount(app, deps);
  registerPatchProviderAccount(app, deps);
  registerGetProviderAccount(app, deps);
  registerListProviderAccounts(app, deps);
  registerDeleteProviderAccount(app, deps);
  registerVerifyProviderAccount(app, deps);
  registerTestProviderAccount(app, deps);
  registerCreateWebhookEndpoint(app, deps);
  registerReadWebhookEndpoints(app, deps);
  registerChangeWebhookEndpoint(app, deps);
  registerRotateWebhookSecret(app, deps);
  registerReplayEvents(app, deps);
  registerListEventDeliveries(app, deps);
  registerOperations(app, deps);
}
