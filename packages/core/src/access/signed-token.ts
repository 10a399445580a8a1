import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../notification/envelope.ts';

/**
 * Tokens in links and headers: their payload is readable but cannot be changed or forged. The keys are derived (HKDF,
 * RFC 5869) from the configured keys, one per purpose, so an unsubscribe token is not valid for any other purpose. A
 * token is valid as long as its key is in ENCRYPTION_KEYS.
 */
const MAC_BYTES = 16;
/** Longer tokens are rejected. */
export const MAX_TOKEN_LENGTH = 2_000;

/** @param purpose what the token is for: `unsubscribe`, `open` ...; `readToken` must be given the same. */
export function signToken(ring: KeyRing, purpose: string, payload: object): string {
  const text = Buffer.from(JSON.stringify(payload), 'utf8').toString('base64url');
  return `${text}.${macOf(keyOf(ring.keys.get(ring.current)!, purpose), text).toString('base64url')}`;
}

/** @returns the payload, or null for anything that was not signed for this purpose. */
export function readToken(ring: KeyRing, purpose: string, token: string): Record<string, unknown> | null {
  if (token.length > MAX_TOKEN_LENGTH) return null;
  const [text = '', mac = '', ...rest] = token.split('.');
  const given = Buffer.from(mac, 'base64url');
  if (rest.length > 0 || given.length !== MAC_BYTES) return null;
  const ours = [...ring.keys.values()].some((key) =>
    timingSafeEqual(macOf(keyOf(key, purpose), text), given),
  );
  return ours ? JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) : null;
}

function macOf(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest().subarray(0, MAC_BYTES);
}

/** Derived once for each key and purpose: a campaign signs a token for every message. */
const derived = new WeakMap<Buffer, Map<string, Buffer>>();

function keyOf(key: Buffer, purpose: string): Buffer {
  const known = derived.get(key) ?? new Map<string, Buffer>();
  derived.set(key, known);
  let one = known.get(purpose);
  if (!one) {
    one = Buffer.from(hkdfSync('sha256', key, '', `carillon/${purpose}`, 32));
    known.set(purpose, one);
  }
  return one;
}
