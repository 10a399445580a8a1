import * as crypto from 'node:crypto';

/** OWASP's profile of Argon2id with 19 MiB; the parameters are part of each hash, so they can be raised later. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const SCRYPT = { N: 2 ** 15, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Longer than any typed password; without a bound, unauthenticated requests could force hashing of megabytes. */
export const MAX_PASSWORD_BYTES = 1024;

/** Node before 24.7 has no Argon2; hashes are then made by scrypt, and those of Argon2 cannot be verified. */
const hasArgon2 = typeof crypto.argon2 === 'function';

/**
 * Creates the stored form of a password.
 *
 * @param text the password, at most MAX_PASSWORD_BYTES bytes of UTF-8.
 * @returns Argon2id (RFC 9106) in PHC form: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`, base64 without padding.
 * @throws RangeError if the password is empty or too long.
 */
export async function hashPassword(text: string): Promise<string> {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > MAX_PASSWORD_BYTES) {
    throw new RangeError(`password has ${bytes} bytes; it must have 1 to ${MAX_PASSWORD_BYTES}`);
  }
  const salt = crypto.randomBytes(SALT_BYTES);
  if (!hasArgon2) {
    const key = await scrypt(text, salt, KEY_BYTES, SCRYPT);
    const { N, r, p } = SCRYPT;
    return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
  }
  const tag = await argon2id(text, salt, ARGON2);
  const { memory, passes, parallelism } = ARGON2;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/**
 * Checks a password against the stored text, in constant time.
 *
 * @param stored what `hashPassword` made, or the `scrypt$N$r$p$salt$key` of earlier releases.
 * @returns false for a wrong or oversized password, and for any other stored text.
 */
export async function verifyPassword(text: string, stored: string): Promise<boolean> {
  if (Buffer.byteLength(text) > MAX_PASSWORD_BYTES) return false;
  return stored.startsWith('$argon2id$') ? verifyArgon2(text, stored) : verifyScrypt(text, stored);
}

async function verifyArgon2(text: string, stored: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22,})\$([\w+/]{43,})$/.exec(
    stored,
  );
  if (!match || !hasArgon2) return false;
  const [memory, passes, parallelism] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism || memory > 2 ** 20) return false;
  const expected = Buffer.from(match[5]!, 'base64');
  const cost = { memory, passes, parallelism, tagLength: expected.length };
  return crypto.timingSafeEqual(await argon2id(text, Buffer.from(match[4]!, 'base64'), cost), expected);
}

async function verifyScrypt(text: string, stored: string): Promise<boolean> {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,})\$([\w-]{32,})$/.exec(stored);
  if (!match) return false;
  const cost = { N: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (!Number.isInteger(Math.log2(cost.N)) || cost.N > 2 ** 20 || cost.r < 1 || cost.p < 1) return false;
  const expected = Buffer.from(match[5]!, 'base64url');
  const key = await scrypt(text, Buffer.from(match[4]!, 'base64url'), expected.length, cost);
  return crypto.timingSafeEqual(key, expected);
}

/** NFKC: the same password typed on another keyboard may arrive decomposed. */
const normalized = (text: string): string => text.normalize('NFKC');
const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function argon2id(
  text: string,
  nonce: Buffer,
  cost: { memory: number; passes: number; parallelism: number; tagLength: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    crypto.argon2('argon2id', { message: normalized(text), nonce, ...cost }, (error, tag) =>
      error ? reject(error) : resolve(tag),
    );
  });
}

function scrypt(
  text: string,
  salt: Buffer,
  keyBytes: number,
  cost: { N: number; r: number; p: number },
): Promise<Buffer> {
  // Node rejects exactly 128 * N * r bytes with its default limit of 32 MiB; twice that is enough.
  const maxmem = 256 * cost.N * cost.r;
  return new Promise((resolve, reject) => {
    crypto.scrypt(normalized(text), salt, keyBytes, { ...cost, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
