import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, encryptionKeys, flag, parseConfig, url, wholeNumber } from './config.ts';

const schema = z.object({
  PORT: wholeNumber(0, 65_535).prefault('80').describe('port to listen on.'),
  STORE_URL: url('postgres').describe('the database.'),
  LOUD: flag().prefault('false').describe('whether to shout.'),
  TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('a token.')
    .meta({ secret: true }),
});

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('values are parsed, defaults filled in, unknown variables ignored, and the result is frozen', () => {
  const config = parseConfig(schema, { STORE_URL: 'postgres://db/x', LOUD: 'true', HOME: '/root' });
  expect(config).toEqual({ PORT: 80, STORE_URL: 'postgres://db/x', LOUD: true });
  expect(Object.isFrozen(config)).toBe(true);
});

test('an empty value counts as not set', () => {
  expect(parseConfig(schema, { STORE_URL: 'postgres://db/x', PORT: '' }).PORT).toBe(80);
});

test('all problems are reported together, each with name, value, bound and remedy', () => {
  expect(problemsOf({ PORT: '70000', LOUD: 'yes' })).toEqual([
    'PORT="70000" must be a whole number from 0 to 65535. It is: port to listen on.',
    'STORE_URL is not set. It is: the database.',
    'LOUD="yes" must be true or false. It is: whether to shout.',
  ]);
});

test('secrets and passwords are never shown', () => {
  const told = problemsOf({ TOKEN: 'hunter2', STORE_URL: 'mysql://user:hunter2@db/x' }).join();
  expect(told).not.toContain('hunter2');
  expect(told).toContain('a secret of 7 characters');
  expect(told).toContain('mysql://user:***@db/x');
});

const inMode = (NODE_ENV: string, env: Record<string, string>) => () =>
  parseConfig(schema.extend({ NODE_ENV: z.string() }), { STORE_URL: GOOD_STORE, ...env, NODE_ENV });
const GOOD_STORE = 'postgres://app:9f8a7c6b5d4e3f2a1b0c@db/x';

test('production reports forbidden settings together with unreadable ones; development accepts both secrets', () => {
  const env = { STORE_URL: 'postgres://app:postgres@db/x', PORT: '70000' };
  expect(inMode('production', env)).toThrow(
    /2 problem[\s\S]*PORT="70000"[\s\S]*STORE_URL has a weak password/,
  );
  expect(inMode('development', { STORE_URL: env.STORE_URL })).not.toThrow();
  expect(inMode('production', {})).not.toThrow();
});

test('production refuses to seal secrets with the default key, development does not', () => {
  const sealing = z.object({ NODE_ENV: z.string(), ENCRYPTION_KEYS: encryptionKeys() });
  expect(parseConfig(sealing, { NODE_ENV: 'development' }).ENCRYPTION_KEYS.current).toBe('development');
  expect(() => parseConfig(sealing, { NODE_ENV: 'production' })).toThrow(/ENCRYPTION_KEYS is not set/);
  const given = `k1:${randomBytes(32).toString('base64')}`;
  const read = parseConfig(sealing, { NODE_ENV: 'production', ENCRYPTION_KEYS: given });
  expect(read.ENCRYPTION_KEYS.current).toBe('k1');
});
