import { randomBytes, scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword, MAX_PASSWORD_BYTES, verifyPassword } from './password.ts';

test('the password that was hashed is accepted and every other one refused', async () => {
  const stored = await hashPassword('correct horse');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await verifyPassword('correct horse', stored)).toBe(true);
  expect(await verifyPassword('correct horse ', stored)).toBe(false);
  expect(await verifyPassword('', stored)).toBe(false);
});

test('two hashes of one password differ, so equal passwords do not show', async () => {
  expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
});

test('a password typed in decomposed letters is the same password', async () => {
  expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
});

test.each([
  '',
  'plain text',
  'scrypt$32768$8$1$short$short',
  `scrypt$32767$8$1$${'a'.repeat(22)}$${'a'.repeat(43)}`,
  'bcrypt$1$2$3$aaaaaaaaaaaaaaaaaaaaaa$aaa',
])('stored text that is no hash opens nothing: %j', async (stored) => {
  expect(await verifyPassword(stored, stored)).toBe(false);
});

test('an empty or oversized password is refused before it costs anything', async () => {
  await expect(hashPassword('')).rejects.toThrow('password has 0 bytes');
  await expect(hashPassword('x'.repeat(MAX_PASSWORD_BYTES + 1))).rejects.toThrow('1 to 1024');
  expect(await verifyPassword('x'.repeat(MAX_PASSWORD_BYTES + 1), await hashPassword('x'))).toBe(false);
});

test('a hash of other parameters, the least ones too, is verified by its own', async () => {
  const salt = randomBytes(16);
  for (const [N, r, p] of [
    [1024, 1, 1],
    [1024, 2, 1],
    [1024, 1, 2],
    [16, 8, 3],
  ] as const) {
    const key = scryptSync('correct horse', salt, 32, { N, r, p });
    const stored = ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
    expect(await verifyPassword('correct horse', stored), stored).toBe(true);
    expect(await verifyPassword('wrong horse', stored), stored).toBe(false);
  }
});

test('parameters of Argon2id that no hash of ours has open nothing', async () => {
  const tail = `$${'a'.repeat(22)}$${'a'.repeat(43)}`;
  for (const cost of ['m=0,t=1,p=1', 'm=19456,t=0,p=1', 'm=19456,t=1,p=0', 'm=9999999,t=1,p=1'])
    expect(await verifyPassword('x', `$argon2id$v=19$${cost}${tail}`), cost).toBe(false);
});

test.each(['1024$0$1', '1024$1$0', '1000$1$1', '0$1$1', '2097152$1$1'])(
  'parameters that no hash of ours has open nothing: %s',
  async (cost) => {
    expect(await verifyPassword('x', `scrypt$${cost}$${'a'.repeat(22)}$${'a'.repeat(43)}`)).toBe(false);
  },
);
