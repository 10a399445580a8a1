import webPush from 'web-push';

/**
 * Authentication at a push service (RFC 8292): a signed token per origin, valid for up to a day. web-push signs a new
 * one for every message, which is half of its CPU time; here one is signed every few hours.
 */
export interface VapidKeys {
  /** `mailto:` or `https:` address at which a push service can reach the operator. */
  subject: string;
  publicKey: string;
  privateKey: string;
}

const LIFETIME_MS = 12 * 60 * 60 * 1000;
const RENEW_AT_MS = 6 * 60 * 60 * 1000;
/** The allow-list has wildcards, so the number of origins is not fixed. */
const MAX_ORIGINS = 256;

/** @throws if the keys or the subject are malformed: at the start, not at the first send. */
export function vapidAuthorization(keys: VapidKeys): (origin: string) => string {
  const tokens = new Map<string, { authorization: string; renewAtMs: number }>();
  const sign = (origin: string): string => {
    const expires = Math.floor((Date.now() + LIFETIME_MS) / 1000);
    const { subject, publicKey, privateKey } = keys;
    return webPush.getVapidHeaders(origin, subject, publicKey, privateKey, 'aes128gcm', expires)
      .Authorization;
  };
  sign('https://localhost');
  return (origin) => {
    const known = tokens.get(origin);
    if (known && Date.now() < known.renewAtMs) return known.authorization;
    if (tokens.size >= MAX_ORIGINS) tokens.clear();
    const authorization = sign(origin);
    tokens.set(origin, { authorization, renewAtMs: Date.now() + RENEW_AT_MS });
    return authorization;
  };
}
