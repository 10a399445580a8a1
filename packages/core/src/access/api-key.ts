import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ENVIRONMENTS, type Environment } from '../notification/environment.ts';

/**
 * API keys: `cln_<live|test>_<keyid>_<secret>_<crc>`. The key id finds the row. The secret (192 bits) authenticates the
 * holder and is stored only as SHA-256 (random secrets need no slow hash). The CRC lets secret scanners and the API
 * reject typing errors without a look-up.
 */
export interface ApiKeyParts {
  environment: Environment;
  keyId: string;
  secret: string;
}

/** Creates a key; the text is shown once, the hash is stored. */
export function createApiKey(environment: Environment): ApiKeyParts & { text: string; secretHash: Buffer } {
  const keyId = randomBytes(6).toString('hex');
  const secret = randomBytes(24).toString('hex');
  return {
    environment,
    keyId,
    secret,
    text: formatApiKey(environment, keyId, secret),
    secretHash: hashSecret(secret),
  };
}

export function formatApiKey(environment: Environment, keyId: string, secret: string): string {
  const body = `cln_${environment}_${keyId}_${secret}`;
  return `${body}_${checksum(body)}`;
}

/** Parses a key; null if it is malformed or its checksum is wrong. */
export function parseApiKey(text: string): ApiKeyParts | null {
  const match = /^(cln_([a-z]+)_([0-9a-f]{12})_([0-9a-f]{48}))_([0-9a-f]{8})$/.exec(text);
  if (!match || checksum(match[1]!) !== match[5]) return null;
  const environment = ENVIRONMENTS.find((known) => known === match[2]);
  return environment ? { environment, keyId: match[3]!, secret: match[4]! } : null;
}

export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Constant-time comparison of a presented secret with the stored hash. */
export function secretMatches(secret: string, storedHash: Uint8Array): boolean {
  const presented = hashSecret(secret);
  return presented.length === storedHash.length && timingSafeEqual(presented, storedHash);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
