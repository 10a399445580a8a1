import { hash } from 'node:crypto';

/**
 * Idempotency keys that begin with this are made by Carillon. A request with such a key is refused: it could take the
 * place of a message that is not made yet.
 */
export const OWN_KEY_PREFIX = 'carillon:';

/** Whether a request may have this key. */
export const isFree = (key: string): boolean => !key.startsWith(OWN_KEY_PREFIX);

/** Completes the sentence `"<value>" ...`. */
export const NOT_FREE = `begins with ${OWN_KEY_PREFIX}, which only keys that Carillon makes do; choose another one`;

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
