import { type KeyRing, SealBroken, unseal } from '@carillon/core/notification/envelope';
import { signWebhook } from '@carillon/core/webhook/standard-webhook';
import type { ClaimedDelivery, SealedColumns } from '@carillon/db/webhooks/claim-event-deliveries';

/**
 * The request for a delivery, or why it cannot be signed. An endpoint whose secret does not open fails as a try: an
 * exception would make its deliveries be tried forever without a visible reason.
 */
export function signedRequest(
  claimed: ClaimedDelivery,
  ring: KeyRing,
): { headers: Record<string, string>; body: string } | { error: string } {
  const { eventId, type, data, createdAt, now } = claimed;
  const secrets = secretsOf(claimed, ring);
  if ('error' in secrets) return secrets;
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  // PostgreSQL's: receivers refuse what is signed five minutes from their own time.
  const seconds = Math.floor(now.getTime() / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Carillon-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signWebhook(secrets.open, eventId, seconds, body),
  };
  return { headers, body };
}

/**
 * The secret, and earlier ones while their overlaps last; an earlier one that does not open is left out: its key may be
 * lost.
 */
function secretsOf(
  { endpointId, secret, earlier }: ClaimedDelivery,
  ring: KeyRing,
): { open: string[] } | { error: string } {
  const open = (sealed: SealedColumns): string => unseal(ring, sealed, `webhook_endpoints/${endpointId}`);
  const current = openOrWhyNot(() => open(secret));
  if (current instanceof SealBroken)
    return { error: `the endpoint's secret cannot be opened: ${current.message}. Or rotate the secret` };
  const others = earlier.map((each) => openOrWhyNot(() => open(each)));
  return { open: [current, ...others.filter((each) => typeof each === 'string')] };
}

function openOrWhyNot(open: () => string): string | SealBroken {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealBroken) return error;
    throw error;
  }
}
