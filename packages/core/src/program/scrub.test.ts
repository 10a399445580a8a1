import { expect, test } from 'vitest';
import { explainFailure } from './explain-failure.ts';
import { scrub } from './scrub.ts';

test.each([
  // E-mail addresses
  ['no route to alice@example.com, given up', 'no route to [e-mail], given up'],
  ['<Ann.Lee+news@mail.example.co.uk>', '<[e-mail]>'],
  ['jürgen@müller.example and "john doe"@acme.example', '[e-mail] and [e-mail]'],
  ['ops@localhost or root@[192.0.2.1]', '[e-mail] or [e-mail]'],
  ['/v1/recipients/alice%40example.com/history', '/v1/recipients/[e-mail]/history'],
  // Phone numbers
  ['to +491511234567 failed', 'to [phone] failed'],
  ['+49 (0)30 123-456 78, +1 555.010.9999', '[phone], [phone]'],
  ['00491511234567', '[phone]'],
  ['4915112345678.', '[phone].'],
  ['(555) 010-9999 or 030 1234567 or 0171/1234567', '[phone] or [phone] or [phone]'],
  // URLs
  ['postgres://carillon:s3cr%3At@db:5432/carillon', 'postgres://[credentials]@db:5432/carillon'],
  ['redis://:p@ss@cache:6379', 'redis://[credentials]@cache:6379'],
  ['postgres://u:pa/ss?w@db:5432/x', 'postgres://[credentials]@db:5432/x'],
  ['https://user@hooks.example/in', 'https://[credentials]@hooks.example/[path]'],
  ['POST https://hooks.example/services/s3cr3t gave 404', 'POST https://hooks.example/[path] gave 404'],
  ['http://127.0.0.1:4318/... is away', 'http://127.0.0.1:4318/... is away'],
  [
    'GET https://hooks.example/in?token=abc&x=1 gave 500',
    'GET https://hooks.example/[path]?[query] gave 500',
  ],
  ['https://hooks.example#access=abc', 'https://hooks.example?[query]'],
  // Keys and tokens
  ['key cln_live_k1_abc-DEF is revoked', 'key [api key] is revoked'],
  ['key car_live_k1_abc-DEF is revoked', 'key [api key] is revoked'],
  ['whsec_MfKQ9r8GKYqrTwjU+PD/8A==, SG.abcdefgh.x-Y_z', '[secret], [token]'],
  ['AC00112233445566778899aabbccddeeff:00112233445566778899aabbccddeeff', '[token]'],
  [
    're_AbCdEfGh_0123456789 and ya29.a0-b and AIzaSyA-1234567890abcdefghijklmnopqrs',
    '[token] and [token] and [token]',
  ],
  ['Authorization: Bearer abc.def~x', 'Authorization: [secret] [token]'],
  ['sent bearer abc', 'sent bearer [token]'],
  ['Basic dXNlcjpwYXNz', 'Basic [token]'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc refused', '[token] refused'],
  ['of d41d8cd98f00b204e9800998ecf8427e and', 'of [token] and'],
  ['q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=', '[token]'],
  ['b/3vEjRWeJC+ze8SNFZ/kKvN7xI0VniQq83vEjRWeJA=', '[token]'],
  ['password=hunter2, secret: x', 'password=[secret], secret: [secret]'],
  // PostgreSQL
  [
    'Key (app_id, external_id)=(7, Ann (Lee)) already exists.',
    'Key (app_id, external_id)=([value]) already exists.',
  ],
  ['Key (lower(email::text))=(ann) is duplicated.', 'Key (lower(email::text))=([value]) is duplicated.'],
  ['Key (a)=(x y) is not known so far', 'Key (a)=([value]) is not known so far'],
  [
    'Key (r)=([1,2)) conflicts with existing key (r)=([0,9)).',
    'Key (r)=([value]) conflicts with existing key (r)=([value]).',
  ],
  ['Failing row contains (1, Ann, null).', 'Failing row contains ([row]).'],
  [
    'invalid input syntax for type integer: "Ann "the" Lee"',
    'invalid input syntax for type integer: "[value]"',
  ],
  ['invalid input value for enum kind: "Ann"', 'invalid input value for enum kind: "[value]"'],
  ['Failed query: select $1\nparams: Ann Lee,7', 'Failed query: select $1\nparams: [values]'],
  // Quoted values
  ['the variable "Ann Lee" and \'Ann Lee\'', 'the variable "[value]" and \'[value]\''],
  [`where name = 'O''Neil' and x="a \\" b"`, `where name = '[value]' and x="[value]"`],
])('%s', (text, expected) => {
  expect(scrub(text)).toBe(expected);
});

test.each([
  'connect ECONNREFUSED 127.0.0.1:5432',
  'getaddrinfo ENOTFOUND 192.168.100.200',
  "Cannot read properties of undefined (reading 'length')",
  'notification 0192f7a0-1234-7abc-8def-012345678901 has no lane',
  'at 2026-11-29T06:43:14.123Z, after 30000 ms',
  'at deliver (/app/packages/services/src/notifications/accept-notification.ts:132:17)',
  'at /app/node_modules/.pnpm/pino@10.4.0/node_modules/@sentry/node/build/cjs/index.js:1:2',
  'relation "notification_recipient_preferences" does not exist',
  'run "node db/migrate.ts", then look at "Providers"',
  "it doesn't fit, and isn't read",
  'duplicate key value violates unique constraint "recipients_app_id_external_id_key"',
  '',
])('%s stays as it is', (text) => {
  expect(scrub(text)).toBe(text);
});

test.each([
  ...[
    '28P01',
    '28000',
    '3D000',
    '42501',
    '42P01',
    '53300',
    '57P03',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EHOSTUNREACH',
  ],
  ...[
    'NO_ANSWER',
    'ECONNRESET',
    'CERT_UNTRUSTED',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'NO_TLS',
  ],
  ...['READ_ONLY', 'EADDRINUSE', 'EADDRNOTAVAIL', 'ENOENT', 'EISDIR', 'WRONGPASS', 'NOAUTH', 'NOPERM'],
])('what Carillon says about %s stays as it is', (code) => {
  const error = Object.assign(new Error(/^[A-Z]+$/.test(code) ? `${code} no` : 'no'), {
    code,
    path: '/etc/ca.pem',
  });
  const context = {
    what: 'Redis',
    setting: 'REDIS_URL',
    at: 'redis://user:planted@redis.example:6379/carillon',
  };
  const { sentence } = explainFailure(error, context)!;
  expect(scrub(sentence)).toBe(sentence);
  expect(sentence).not.toContain('planted');
});

test('scrubbing twice changes nothing more', () => {
  const text = 'alice@example.com +491511234567 https://u:p@h.example/?q Bearer abc Key (a)=(b) exists x="y"';
  expect(scrub(scrub(text))).toBe(scrub(text));
});
