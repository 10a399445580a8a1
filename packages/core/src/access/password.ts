import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP's scrypt profile with 32 MiB of memory; the parameters are part of each hash, so they can be raised later. */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/** Longer than any typed password; without a bound, unauthenticated requests could force hashing of megabytes. */
export const MAX_PASSWORD_BYTES = 1024;

/**
 * Creates the value of `staff.password_hash`.
 *
 * @param text the password, at most MAX_PASSWORD_BYTES bytes of UTF-8.
 * @returns `scrypt$N$r$p$salt$key`, salt and key in base64url.
 * @throws RangeError if the password is empty or too long.
 */
export async function hashPassword(text: string): Promise<string> {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > MAX_PASSWORD_BYTES) {
    throw new RangeError(`password has ${bytes} bytes; it must have 1 to ${MAX_PASSWORD_BYTES}`);
  }
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(text, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Checks a password against the stored text, in constant time.
 *
 * @returns false for a wrong or oversized password, and for stored text that `hashPassword` did not produce.
 */
export async function verifyPassword(text: string, stored: string): Promise<boolean> {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,})\$([\w-]{32,})$/.exec(stored);
  if (!match || Buffer.byteLength(text) > MAX_PASSWORD_BYTES) return false;
  const cost = { N: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  if (!Number.isInteger(Math.log2(cost.N)) || cost.N > 2 ** 20 || cost.r < 1 || cost.p < 1) return false;
  const expected = Buffer.from(match[5]!, 'base64url');
  const key = await derive(text, Buffer.from(match[4]!, 'base64url'), expected.length, cost);
  return timingSafeEqual(key, expected);
}

function derive(
  text: string,
  salt: Buffer,
  keyBytes: number,
  cost: { N: number; r: number; p: number },
): Promise<Buffer> {
  // Node rejects exactly 128 * N * r bytes with its default limit of 32 MiB; twice that is enough.
  const maxmem = 256 * cost.N * cost.r;
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard may arrive decomposed.
    scrypt(text.normalize('NFKC'), salt, keyBytes, { ...cost, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** Crockford's base 32 without U: no letter is mistaken for a digit when read out or copied by hand. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A password for one login, 100 bits, in groups that people can copy: `7QK2D-...`, four times five characters. */
export function createOneTimePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}
