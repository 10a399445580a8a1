import { globSync } from 'node:fs';
import path from 'node:path';
import { isIssuedElsewhere, isSecret, parseConfig } from '@carillon/core/program/config';
import { ALLOWABLE } from '@carillon/core/program/production-rules';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';

/**
 * No program starts in production with a known, empty or weak secret, whatever else is allowed. Every setting
 * that holds one is found by its schema, so that a new one cannot be forgotten.
 */
const ROOT = path.join(import.meta.dirname, '../..');
const schemas = await Promise.all(
  globSync('apps/!(simulator)/src/config.ts', { cwd: ROOT }).map(
    async (file) => ((await import(path.join(ROOT, file))) as { configSchema: z.ZodObject }).configSchema,
  ),
);

type Kind = 'sealing keys' | 'token' | 'URL of a server';
const key = (bytes: Buffer) => `k1:${bytes.toString('base64')}`;
const WEAK_PASSWORDS = [
  'x',
  'carillon',
  'changeme',
  'password1234',
  'postgres-postgres',
  'test-token-123456',
  'aaaaaaaaaaaaaaaaaaaa',
  'abcabcabcabcabcabc',
  '12345678901234567890',
];
const WEAK: Record<Kind, (schema: z.ZodType) => string[]> = {
  'sealing keys': () => [
    'development:Y2FyaWxsb25jYXJpbGxvbmNhcmlsbG9uY2FyaWxsb24=',
    key(Buffer.alloc(32)),
    key(Buffer.alloc(32, 'ab')),
    key(Buffer.from(Array.from({ length: 32 }, (_, i) => i))),
    '',
  ],
  token: () => WEAK_PASSWORDS,
  'URL of a server': (schema) => {
    const protocol = schema.safeParse('redis://h').success ? 'redis' : 'postgres';
    return ['', ...WEAK_PASSWORDS].map((password) => `${protocol}://user:${password}@host/name`);
  },
};

/** What a setting holds; null if it is no secret. */
function kindOf(schema: z.ZodObject, name: string): Kind | null {
  const field = schema.shape[name] as z.ZodType;
  if (isIssuedElsewhere(schema, name)) return null;
  if (isSecret(schema, name)) return name === 'ENCRYPTION_KEYS' ? 'sealing keys' : 'token';
  if (field.safeParse('postgres://a:b@h/d').success && !field.safeParse('a').success)
    return 'URL of a server';
  if (field.safeParse('redis://a:b@h').success && !field.safeParse('a').success) return 'URL of a server';
  return null;
}

const settings = schemas.flatMap((schema, index) =>
  Object.keys(schema.shape).map((name) => ({ schema, name, program: index, kind: kindOf(schema, name) })),
);
const secrets = settings.flatMap((each) => (each.kind ? [{ ...each, kind: each.kind }] : []));

function problemsOf(schema: z.ZodObject, env: Record<string, string>): string {
  try {
    parseConfig(schema, { NODE_ENV: 'production', PRODUCTION_ALLOWS: ALLOWABLE.join(','), ...env });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Settings that name a file with a secret. */
const PATHS = { PGSSLKEY: 'libpq' };

describe('in production', () => {
  test('every setting that sounds like a secret is one', () => {
    const sounds = settings.filter(
      ({ name }) => /SECRET|TOKEN|PASSWORD|KEYS?$|CREDENTIAL/.test(name) && !(name in PATHS),
    );
    expect(sounds.filter(({ kind }) => kind === null)).toEqual([]);
    expect(new Set(secrets.map(({ kind }) => kind))).toEqual(new Set(Object.keys(WEAK)));
  });

  test.each(secrets)(
    '$name ($kind) of program $program is refused if it is known, empty or weak',
    ({ schema, name, kind }) => {
      for (const value of WEAK[kind](schema.shape[name] as z.ZodType)) {
        // An empty password of a server is what PRODUCTION_ALLOWS may allow by name, and nothing else.
        const allowed = kind === 'URL of a server' && /:@/.test(value);
        const env = { [name]: value, ...(allowed ? { PRODUCTION_ALLOWS: '' } : {}) };
        expect(problemsOf(schema, env), `${name}=${value}`).toMatch(new RegExp(`- ${name}\\b`));
      }
    },
  );

  test.each(secrets)(
    '$name ($kind) of program $program is taken if it is random',
    ({ schema, name, kind }) => {
      const password = '5f2c8f0e6a1b4c7d9e3f';
      const value: Record<Kind, string> = {
        'sealing keys': key(
          Buffer.from('d1f0a4c83b6e92577c15e8290fb3ad4e66917da208c4b35ff1290e8a57c3bd14', 'hex'),
        ),
        token: password,
        'URL of a server': `${name === 'REDIS_URL' ? 'redis' : 'postgres'}://user:${password}@host/name`,
      };
      expect(problemsOf(schema, { [name]: value[kind] })).not.toMatch(new RegExp(`- ${name}\\b`));
    },
  );
});
