import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { OwnError } from '../program/own-error.ts';

/**
 * Envelope encryption for secrets that must be recovered: provider credentials, webhook signing secrets. Each secret
 * has a data key of its own (256 random bits); the data key is wrapped by a key-encryption key from the configuration,
 * so rotating that key re-wraps 60 bytes a row and never touches the secret. Both layers are AES-256-GCM (NIST SP
 * 800-38D) with a random 96-bit nonce, and both are bound to the row they belong to: a ciphertext copied into another
 * row does not open.
 */
export interface KeyRing {
  /** The id of the key that wraps new data keys. */
  current: string;
  keys: ReadonlyMap<string, Buffer>;
}

/** As it is stored: nonce, ciphertext and tag in one; the id says which key wrapped the data key. */
export interface Sealed {
  sealed: Buffer;
  dataKey: Buffer;
  keyId: string;
}

/** The ciphertext, the key or the row differs from when it was sealed, or its key is no longer configured. */
export class SealBroken extends OwnError {
  override name = 'SealBroken';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** @param boundTo names the row, e.g. `provider_accounts/resend-eu`; `unseal` must be given the same. */
export function seal(ring: KeyRing, secret: string, boundTo: string): Sealed {
  const dataKey = randomBytes(KEY_BYTES);
  return {
    sealed: encrypt(dataKey, Buffer.from(secret, 'utf8'), boundTo),
    dataKey: wrap(ring, dataKey, boundTo),
    keyId: ring.current,
  };
}

/** @throws SealBroken */
export function unseal(ring: KeyRing, { sealed, dataKey, keyId }: Sealed, boundTo: string): string {
  return decrypt(unwrap(ring, dataKey, keyId, boundTo), sealed, boundTo).toString('utf8');
}

const FINGERPRINT_DIGITS = 12;

/**
 * A fingerprint that shows people whether two secrets are the same: HMAC-SHA-256 under a key derived (HKDF, RFC 5869)
 * from the current one, so that weak secrets cannot be guessed from it. It changes with the current key.
 *
 * @returns 12 hexadecimal digits.
 */
export function fingerprint(ring: KeyRing, secret: string, boundTo: string): string {
  const key = Buffer.from(
    hkdfSync('sha256', keyOf(ring, ring.current), '', 'carillon/fingerprint', KEY_BYTES),
  );
  return createHmac('sha256', key).update(`${boundTo}|${secret}`).digest('hex').slice(0, FINGERPRINT_DIGITS);
}

/**
 * Wraps the data key with the current key.
 *
 * @returns null if it already is.
 * @throws SealBroken
 */
export function rewrap(
  ring: KeyRing,
  { dataKey, keyId }: Omit<Sealed, 'sealed'>,
  boundTo: string,
): Omit<Sealed, 'sealed'> | null {
  if (keyId === ring.current) return null;
  return { dataKey: wrap(ring, unwrap(ring, dataKey, keyId, boundTo), boundTo), keyId: ring.current };
}

/** Whether the keys of the ring open a secret, without opening it. @throws SealBroken if they do not. */
export function assertOpens(
  ring: KeyRing,
  { dataKey, keyId }: Omit<Sealed, 'sealed'>,
  boundTo: string,
): void {
  unwrap(ring, dataKey, keyId, boundTo);
}

/**
 * Reads `id:base64,id:base64`; the first key is the current one, the others only open what they wrapped.
 *
 * @returns the ring, or what is wrong with the text (never a key).
 */
export function parseKeyRing(text: string): KeyRing | { problem: string } {
  const keys = new Map<string, Buffer>();
  for (const [index, part] of text.split(',').entries()) {
    const [id = '', base64 = '', ...rest] = part.trim().split(':');
    const key = Buffer.from(base64, 'base64');
    if (rest.length > 0 || !/^[A-Za-z0-9_-]{1,32}$/.test(id))
      return {
        problem: `key ${index + 1} must be <id>:<base64>, with an id of 1 to 32 of A-Z, a-z, 0-9, _ and -`,
      };
    if (key.length !== KEY_BYTES)
      return {
        problem: `key ${id} has ${key.length} bytes, it must have ${KEY_BYTES}: openssl rand -base64 32`,
      };
    if (keys.has(id)) return { problem: `key id ${id} is used twice` };
    keys.set(id, key);
  }
  return { current: keys.keys().next().value!, keys };
}

const wrap = (ring: KeyRing, dataKey: Buffer, boundTo: string): Buffer =>
  encrypt(keyOf(ring, ring.current), dataKey, `${ring.current}/${boundTo}`);

const unwrap = (ring: KeyRing, wrapped: Buffer, keyId: string, boundTo: string): Buffer =>
  decrypt(keyOf(ring, keyId), wrapped, `${keyId}/${boundTo}`);

function keyOf(ring: KeyRing, id: string): Buffer {
  const key = ring.keys.get(id);
  if (!key) throw new SealBroken(`the key "${id}" is no longer configured: add it to ENCRYPTION_KEYS again`);
  return key;
}

function encrypt(key: Buffer, plain: Buffer, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, boundTo: string): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken('the sealed value is too short');
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(boundTo, 'utf8'))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new SealBroken(
      `the sealed value of ${boundTo} does not open: it was altered, moved or sealed by another key`,
    );
  }
}
