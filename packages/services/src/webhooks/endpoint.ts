import { randomBytes } from 'node:crypto';
import { type KeyRing, type Sealed, seal } from '@carillon/core/notification/envelope';
import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type EndpointRow, findWebhookEndpoint } from '@carillon/db/webhooks/endpoints';
import type { ServiceContext } from '../context.ts';

/** The endpoint of a verb. */
export interface EndpointInput {
  tenant: Tenant;
  id: string;
}

/** @throws ProblemError 404. */
export async function getWebhookEndpoint(
  { db }: Pick<ServiceContext, 'db'>,
  { tenant, id }: EndpointInput,
): Promise<EndpointRow> {
  const row = await findWebhookEndpoint(db, tenant, id);
  if (row === null) throw noSuchEndpoint(id);
  return row;
}

/** A new signing secret, as text and encrypted for its row. */
export function newSecret(ring: KeyRing, endpointId: string): { secret: string; sealed: Sealed } {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  return { secret, sealed: seal(ring, secret, `webhook_endpoints/${endpointId}`) };
}

export function noSuchEndpoint(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no webhook endpoint ${id}. GET /v1/webhook-endpoints lists them.`,
  );
}
