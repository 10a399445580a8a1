import { expect, test } from 'vitest';
import { ALLOWABLE, productionAllows, unsafeInProduction } from './production-rules.ts';

const key = (bytes: Buffer | string) => `k1:${Buffer.from(bytes).toString('base64')}`;
const RANDOM = Buffer.from('d1f0a4c83b6e92577c15e8290fb3ad4e66917da208c4b35ff1290e8a57c3bd14', 'hex');
const refusals = (name: string, value: string, allows?: string, isSecret = false) =>
  unsafeInProduction([{ name, value, isSecret }], allows);

test.each<[string, string, RegExp]>([
  ['ENCRYPTION_KEYS', 'development:Y2FyaWxsb25jYXJpbGxvbmNhcmlsbG9uY2FyaWxsb24=', /development is text/],
  ['ENCRYPTION_KEYS', key(Buffer.alloc(32)), /k1 repeats a few bytes.*openssl rand -base64 32/],
  ['ENCRYPTION_KEYS', `${key(RANDOM)},old:${Buffer.alloc(32, 7).toString('base64')}`, /: old repeats/],
  ['DATABASE_URL', 'postgres://carillon:carillon@db/carillon', /weak password, which has 8 characters/],
  ['DATABASE_URL', 'postgresql://carillon@db/carillon', /no password.*PRODUCTION_ALLOWS=no-database-pass/],
  [
    'DATABASE_URL',
    'postgres://courier_application:courier_application@db/x',
    /weak password.* words that everybody knows/,
  ],
  ['DATABASE_URL', 'postgres://u:%E0%A4%A@db/x', /weak password/],
  ['REDIS_URL', 'redis://:redis@redis:6379', /weak password, which has 5 characters/],
  ['REDIS_URL', 'redis://default:changemechangeme@redis', /weak password/],
  ['REDIS_URL', 'redis://redis:6379', /no password.*PRODUCTION_ALLOWS=no-redis-password/],
  ['REDIS_URL', 'rediss://127.0.0.1', /no password/],
  ['REDIS_URL', 'redis://only-a-user-name-here@redis', /no password/],
  ['REDIS_URL', 'redis://a:6379,b:6379,c:6379', /no password/],
  ['REDIS_URL', 'rediss://:redis@a,b,c', /weak password/],
  ['REDIS_URL', 'redis+sentinel://a,b/mymaster', /no password/],
  ['REDIS_URL', 'redis+sentinel://:mymaster@a,b/mymaster', /weak password/],
  ['PUBLIC_BASE_URL', 'http://notify.acme.example', /http:\/\/.*PRODUCTION_ALLOWS=http-public-url/],
  ['PUBLIC_BASE_URL', 'HTTP://localhost:3000', /http:\/\//],
  ['WEBHOOKS_ALLOW_PRIVATE', 'true', /^WEBHOOKS_ALLOW_PRIVATE=true .*PRODUCTION_ALLOWS=private-webhooks/],
])('production refuses %s=%s in one sentence that says the remedy, never the secret', (name, value, why) => {
  const told = refusals(name, value);
  expect(told).toEqual([expect.stringMatching(why)]);
  const [, secret] = /:([^/@]{9,})@/.exec(value) ?? [];
  if (secret !== undefined) expect(told.join()).not.toContain(secret);
});

test.each([
  ['ENCRYPTION_KEYS', key(RANDOM)],
  ['DATABASE_URL', 'postgres://carillon:5f2c8f0e6a1b4c7d9e3f@db/carillon'],
  ['REDIS_URL', 'redis://:5f2c8f0e6a1b4c7d9e3f@redis:6379'],
  ['REDIS_URL', 'redis://:5f2c8f0e6a1b4c7d9e3f@a:6379,b:6379'],
  ['REDIS_URL', 'rediss+sentinel://:5f2c8f0e6a1b4c7d9e3f@a,b/mymaster'],
  ['PUBLIC_BASE_URL', 'https://notify.acme.example'],
  ['WEBHOOKS_ALLOW_PRIVATE', 'false'],
  ['PROVIDERS_FILE', '/etc/carillon/password'],
])('production takes %s=%s', (name, value) => {
  expect(refusals(name, value)).toEqual([]);
});

test('a token is held to the same as a password', () => {
  expect(refusals('METRICS_TOKEN', 'metrics-token-123', undefined, true)).toHaveLength(1);
  expect(refusals('METRICS_TOKEN', '5f2c8f0e6a1b4c7d9e3f', undefined, true)).toEqual([]);
});

test('what a protected network may justify is allowed by name, and nothing else', () => {
  expect(refusals('PUBLIC_BASE_URL', 'http://a.example', 'http-public-url')).toEqual([]);
  expect(refusals('PUBLIC_BASE_URL', 'http://a.example', 'no-redis-password')).toHaveLength(1);
  expect(refusals('REDIS_URL', 'redis://redis', 'http-public-url, no-redis-password')).toEqual([]);
  expect(refusals('DATABASE_URL', 'postgres://a@db/x', 'no-redis-password')).toHaveLength(1);
  expect(refusals('REDIS_URL', 'redis://:redis@redis', ALLOWABLE.join(','))).toHaveLength(1);
  expect(refusals('ENCRYPTION_KEYS', key(Buffer.alloc(32)), ALLOWABLE.join(','))).toHaveLength(1);
});

test('PRODUCTION_ALLOWS is read as a list, and an unknown name is refused', () => {
  expect(productionAllows().parse('http-public-url, private-webhooks')).toEqual([
    'http-public-url',
    'private-webhooks',
  ]);
  expect(productionAllows().parse(undefined)).toBeUndefined();
  expect(productionAllows().safeParse('everything').error?.issues[0]?.message).toContain('no-redis-password');
});
