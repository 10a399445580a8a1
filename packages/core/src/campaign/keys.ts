import { hash } from 'node:crypto';

/** Idempotency keys that begin with this are made by Carillon: requests with one are refused. */
export const OWN_KEY_PREFIX = 'carillon:';

/**
 * The idempotency key of a campaign's notification to a recipient: repeating the fan-out makes no second one.
 *
 * @returns `carillon:campaign:<campaign id>/<32 hex digits of SHA-256 of the recipient id>`.
 */
export function campaignKey(campaignId: string, recipientId: string): string {
  return `${OWN_KEY_PREFIX}campaign:${campaignId}/${hash('sha256', recipientId, 'hex').slice(0, 32)}`;
}

/** The request hash of a notification that no request was made for: SHA-256 of its key, as bytea reads it. */
export function ownRequestHash(key: string): string {
  return `\\x${hash('sha256', key, 'hex')}`;
}
