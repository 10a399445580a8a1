import { type KeyRing, SealBroken, unseal } from '@carillon/core/envelope';
import { signWebhook } from '@carillon/core/standard-webhook';
import type { ClaimedDelivery, SealedColumns } from '@carillon/db/queries/claim-event-deliveries';

/**
 * What is posted for a delivery, or why it cannot be signed. An endpoint whose secret does not open is one that fails: were the
 * exception let through, its deliveries would be tried for ever, and nobody would see why.
 */
export function signedRequest(
  claimed: ClaimedDelivery,
  ring: KeyRing,
): { headers: Record<string, string>; body: string } | { error: string } {
  const { eventId, type, data, createdAt } = claimed;
  const secrets = secretsOf(claimed, ring);
  if ('error' in secrets) return secrets;
  const body = JSON.stringify({ type, timestamp: createdAt.toISOString(), data });
  const seconds = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Carillon-Webhooks/1',
    'webhook-id': eventId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signWebhook(secrets.open, eventId, seconds, body),
  };
  return { headers, body };
}

/** The secret, and the one before while a rotation lasts. Whoever rotated because that one is lost needs the new one alone. */
function secretsOf(
  { endpointId, secret, previous }: ClaimedDelivery,
  ring: KeyRing,
): { open: string[] } | { error: string } {
  const open = (sealed: SealedColumns): string => unseal(ring, sealed, `webhook_endpoints/${endpointId}`);
  const current = openOrWhyNot(() => open(secret));
  if (current instanceof SealBroken)
    return { error: `the endpoint's secret cannot be opened: ${current.message}. Or rotate the secret` };
  const before = previous && openOrWhyNot(() => open(previous));
  return { open: typeof before === 'string' ? [current, before] : [current] };
}

function openOrWhyNot(open: () => string): string | SealBroken {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealBroken) return error;
    throw error;
  }
}
