/** The canonical form of push addresses. Each parser returns null for a text that no push service would accept. */

/** A device token of APNs: 32 to 100 bytes in hexadecimal digits. Apple says that their number may change. */
const APNS_TOKEN = /^(?:[0-9a-f]{2}){32,100}$/i;

export const NOT_AN_APNS_TOKEN =
  'is not an APNs device token; give its bytes in hexadecimal digits (64 to 200 of them), as deviceToken.map { String(format: "%02x", $0) } writes them';
export const NOT_AN_ENDPOINT =
  'is not an https URL of a push service; pass the subscription as the browser made it';
export const NOT_A_P256DH =
  'is not a P-256 public key; give the 65 bytes of the subscription (0x04, x, y) in base64url';
export const NOT_AN_AUTH_SECRET = 'is not an authentication secret; give its 16 bytes in base64url';

/** In lower case: both cases of a digit are one token. */
export function canonicalApnsToken(text: string): string | null {
  return APNS_TOKEN.test(text) ? text.toLowerCase() : null;
}

/** As URLs are written (WHATWG URL), without a fragment and without credentials, which no push service gives. */
export function canonicalEndpoint(text: string): string | null {
  const url = /^https:\/\//i.test(text) && /^[\x21-\x7e]+$/.test(text) ? URL.parse(text) : null;
  if (url === null || url.hash !== '' || url.username !== '' || url.password !== '') return null;
  return url.href;
}

/** The browser's public key (RFC 8291, 3.1): an uncompressed point of the curve P-256, in base64url without padding. */
export function canonicalP256dh(text: string): string | null {
  const bytes = bytesOf(text);
  if (bytes === null || bytes.length !== 65 || bytes[0] !== 4) return null;
  const x = BigInt(`0x${bytes.toString('hex', 1, 33)}`);
  const y = BigInt(`0x${bytes.toString('hex', 33)}`);
  return isOnCurve(x, y) ? bytes.toString('base64url') : null;
}

/**
 * P-256 (FIPS 186-5): y^2 = x^3 - 3x + b over the field of this prime. Creating a key object takes 30 times as long.
 */
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function isOnCurve(x: bigint, y: bigint): boolean {
  return x < PRIME && y < PRIME && (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;
}

/** 16 bytes (RFC 8291, 3.2), in base64url without padding. */
export function canonicalAuthSecret(text: string): string | null {
  const bytes = bytesOf(text);
  return bytes?.length === 16 ? bytes.toString('base64url') : null;
}

/** Base64 in either alphabet, with or without padding. */
function bytesOf(text: string): Buffer | null {
  const [, digits] = /^([A-Za-z0-9+/_-]*)={0,2}$/.exec(text) ?? [];
  if (digits === undefined || digits.length % 4 === 1) return null;
  if (text.length > digits.length && text.length % 4 !== 0) return null;
  return Buffer.from(digits.replaceAll('+', '-').replaceAll('/', '_'), 'base64url');
}
