import type { KeyRing } from '@carillon/core/notification/envelope';
import { ProblemError } from '@carillon/core/text/problem';
import type { EndpointRow } from '@carillon/db/webhooks/endpoints';
import { MAX_SECRETS, rotateWebhookSecret as rotateRow } from '@carillon/db/webhooks/rotate-webhook-secret';
import type { ActorContext } from '../context.ts';
import { type EndpointInput, newSecret, noSuchEndpoint } from './endpoint.ts';

/** The maximum number of secrets that sign at once. */
export { MAX_SECRETS };

/**
 * Creates a new signing secret for an endpoint; it exists in clear only in the result.
 *
 * @param input.overlapSeconds how long the current secret also signs; 0 ends it and every earlier one at once.
 * @throws ProblemError 404, 409 if the maximum number of secrets is signing.
 */
export async function rotateWebhookSecret(
  { db, actor }: ActorContext,
  { tenant, id, ring, overlapSeconds }: EndpointInput & { ring: KeyRing; overlapSeconds: number },
): Promise<{ endpoint: EndpointRow; secret: string }> {
  const { secret, sealed } = newSecret(ring, id);
  const rotation = await rotateRow(db, tenant, id, sealed, overlapSeconds, actor);
  if (rotation.outcome === 'missing') throw noSuchEndpoint(id);
  if (rotation.outcome === 'too_many')
    throw new ProblemError(
      'invalid_state',
      `The webhook endpoint ${id} signs with ${MAX_SECRETS} secrets already, the most there may be. Rotate again after ${rotation.until.toISOString()}, when the first of them ends, or send {"overlap_seconds": 0}, which ends all earlier ones at once.`,
    );
  return { endpoint: rotation.row, secret };
}
