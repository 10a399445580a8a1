import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signatures of the Standard Webhooks specification (https://www.standardwebhooks.com), which Svix and so Resend use
 * too: HMAC-SHA256 over `id.timestamp.body`, as space-separated `v1,<base64>`. Outgoing webhooks have two while a
 * secret rotates; an incoming one is valid if any of them matches any active secret.
 */
export interface SignedWebhook {
  id: string;
  /** Unix seconds, as text: exactly what was signed. */
  timestamp: string;
  signature: string;
  body: string | Uint8Array;
}

/** A captured request must not stay valid; the specification suggests five minutes. */
export const TOLERANCE_SECONDS = 300;

/** @param secrets `whsec_<base64>`; one signature for each. */
export function signWebhook(
  secrets: readonly string[],
  id: string,
  timestamp: number,
  body: string | Uint8Array,
): string {
  return secrets
    .map((secret) => `v1,${digest(secret, id, String(timestamp), body).toString('base64')}`)
    .join(' ');
}

/** @returns null if it is valid, else the reason. */
export function refuseWebhook(
  { id, timestamp, signature, body }: SignedWebhook,
  secrets: readonly string[],
  now: Date,
): 'malformed' | 'stale' | 'forged' | null {
  if (!id || !/^\d{1,12}$/.test(timestamp) || !signature) return 'malformed';
  // An empty key is known to everyone.
  const usable = secrets.filter((secret) => keyOf(secret).length > 0);
  const expected = usable.map((secret) => digest(secret, id, timestamp, body));
  const given = signature
    .split(' ', 16)
    .flatMap((part) => (part.startsWith('v1,') ? [Buffer.from(part.slice(3), 'base64')] : []));
  const good = given.some((one) =>
    expected.some((other) => one.length === other.length && timingSafeEqual(one, other)),
  );
  if (!good) return 'forged';
  return Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS ? 'stale' : null;
}

function digest(secret: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest();
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
