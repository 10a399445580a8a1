import { type EndpointPatch, patchWebhookEndpoint } from '@carillon/db/webhooks/change-endpoints';
import type { EndpointRow } from '@carillon/db/webhooks/endpoints';
import type { ActorContext } from '../context.ts';
import { type EndpointInput, noSuchEndpoint } from './endpoint.ts';

/**
 * Changes, disables or enables an endpoint: only the given fields change. Enabling it resets its failures.
 *
 * @param input.change its URL, if given, was checked.
 * @throws ProblemError 404.
 */
export async function changeWebhookEndpoint(
  { db, actor }: ActorContext,
  { tenant, id, change }: EndpointInput & { change: EndpointPatch },
): Promise<EndpointRow> {
  const row = await patchWebhookEndpoint(db, tenant, id, change, actor);
  if (row === null) throw noSuchEndpoint(id);
  return row;
}
