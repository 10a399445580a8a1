import { randomUUID } from 'node:crypto';
import type { KeyRing } from '@carillon/core/notification/envelope';
import type { Tenant } from '@carillon/db/connection/tenant';
import { createWebhookEndpoint as insertRow, MAX_ENDPOINTS } from '@carillon/db/webhooks/change-endpoints';
import type { EndpointRow } from '@carillon/db/webhooks/endpoints';
import { type ActorContext, refusedField } from '../context.ts';
import { newSecret } from './endpoint.ts';

/**
 * Registers an endpoint for events. Its signing secret exists in clear only in the result.
 *
 * @param input.ring the keys that encrypt the secret, the current one first.
 * @param input.fields its URL was checked.
 * @throws ProblemError 422 if the app has the maximum number.
 */
export async function createWebhookEndpoint(
  { db, actor }: ActorContext,
  input: { tenant: Tenant; ring: KeyRing; fields: Parameters<typeof insertRow>[3] },
): Promise<{ endpoint: EndpointRow; secret: string }> {
  const { tenant, ring, fields } = input;
  const id = randomUUID();
  const { secret, sealed } = newSecret(ring, id);
  const endpoint = await insertRow(db, tenant, id, fields, sealed, actor);
  if (endpoint === null)
    throw refusedField(
      'url',
      `would be endpoint ${MAX_ENDPOINTS + 1}; at most ${MAX_ENDPOINTS} are kept. Delete one first`,
    );
  return { endpoint, secret };
}
