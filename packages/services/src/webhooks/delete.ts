import { deleteWebhookEndpoint as deleteRow } from '@carillon/db/webhooks/change-endpoints';
import type { ActorContext } from '../context.ts';
import { type EndpointInput, noSuchEndpoint } from './endpoint.ts';

/** Removes an endpoint; its undelivered events are dropped. @throws ProblemError 404. */
export async function deleteWebhookEndpoint(
  { db, actor }: ActorContext,
  { tenant, id }: EndpointInput,
): Promise<void> {
  if (!(await deleteRow(db, tenant, id, actor))) throw noSuchEndpoint(id);
}
