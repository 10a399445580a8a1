import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { rewrapSecrets } from '@carillon/db/provider-accounts/rewrap-secrets';
import { decryptAccount } from '@carillon/providers/accounts/account-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { atOnce } from '../../../../../test/support/at-once.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const NEXT = Buffer.alloc(32, 8).toString('base64');

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { ENCRYPTION_KEYS: `k1:${KEY}` } });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const RESEND = {
  provider: 'resend',
  environments: ['live'],
  from: 'Acme <hello@acme.example>',
  rate_per_second: 10,
  credentials: { api_key: 're_a_very_secret_key' },
  receipts: { secrets: ['whsec_c2VjcmV0'] },
};
const put = (id: string, body: unknown) => api.request('PUT', `/v1/provider-accounts/${id}`, body);
const ring = (text: string) => {
  const parsed = parseKeyRing(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};

test('an account is created, read and listed, and no answer ever holds its credentials', async () => {
  const created = await put('resend-eu', RESEND);
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    id: 'resend-eu',
    channel: 'email',
    order: 10,
    weight: 1,
    rate_per_second: 10,
    enabled: true,
    managed_by: 'api',
    settings: { from: RESEND.from },
    credentials: { key_id: 'k1', fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) },
    receipts_url: 'http://api.test/v1/receipts/resend/resend-eu',
  });
  const answers = [
    created,
    await api.request('GET', '/v1/provider-accounts/resend-eu'),
    await api.request('GET', '/v1/provider-accounts'),
  ];
  for (const answer of answers) expect(JSON.stringify(answer.body)).not.toMatch(/very_secret|c2VjcmV0/);
});

test('credentials are encrypted at rest, and the audit log does not contain them', async () => {
  await put('resend-eu', RESEND);
  const rows = await api.db
    .sql`select provider_accounts::text as row from provider_accounts union all select audit_log::text from audit_log`;
  for (const { row } of rows) expect(row).not.toContain('very_secret');
  const stored = await findProviderAccount(api.db.sql, 'resend-eu');
  expect(decryptAccount(ring(`k1:${KEY}`), stored!)).toMatchObject({
    credentials: { apiKey: 're_a_very_secret_key' },
  });
});

test('an identical PUT changes nothing, so that workers need not rebuild it', async () => {
  await put('resend-same', RESEND);
  const before = await findProviderAccount(api.db.sql, 'resend-same');
  expect((await put('resend-same', RESEND)).status).toBe(200);
  expect((await findProviderAccount(api.db.sql, 'resend-same'))?.updatedAt).toEqual(before?.updatedAt);
});

test('omitted credentials stay, and others can be set', async () => {
  const { credentials: _, ...without } = RESEND;
  const first = await put('resend-kept', RESEND);
  const kept = await put('resend-kept', { ...without, from: 'other@acme.example' });
  expect(kept.body.credentials).toEqual(first.body.credentials);
  const moved = await put('resend-kept', { ...without, base_url: 'https://evil.example' });
  expect(moved.status).toBe(422);
  expect(moved.body.errors).toMatchObject([{ path: 'credentials' }]);
  const changed = await put('resend-kept', { ...RESEND, credentials: { api_key: 're_another' } });
  expect(changed.body.credentials.fingerprint).not.toBe(first.body.credentials.fingerprint);
});

test('order, weight, limit and enabled are changed without touching the rest', async () => {
  await put('resend-patched', RESEND);
  const answer = await api.request('PATCH', '/v1/provider-accounts/resend-patched', {
    enabled: false,
    order: 5,
    weight: 3,
    rate_per_second: null,
  });
  expect(answer.body).toMatchObject({
    enabled: false,
    order: 5,
    weight: 3,
    rate_per_second: null,
    settings: { from: RESEND.from },
  });
});

test('concurrent changes do not undo each other', async () => {
  await put('resend-busy', RESEND);
  const at = '/v1/provider-accounts/resend-busy';
  const answers = await atOnce(
    api.db.sql,
    { table: 'provider_accounts', id: 'resend-busy' },
    () => api.request('PATCH', at, { weight: 7 }),
    () => api.request('PATCH', at, { enabled: false }),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await api.request('GET', at)).body).toMatchObject({ weight: 7, enabled: false });
});

test('credentials set while another request omits them are not reverted', async () => {
  await put('resend-turned', RESEND);
  const { credentials: _, ...without } = RESEND;
  const answers = await atOnce(
    api.db.sql,
    { table: 'provider_accounts', id: 'resend-turned' },
    () => put('resend-turned', { ...RESEND, credentials: { api_key: 're_another' } }),
    () => put('resend-turned', { ...without, weight: 5 }),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const row = await findProviderAccount(api.db.sql, 'resend-turned');
  expect(decryptAccount(ring(`k1:${KEY}`), row!)).toMatchObject({ credentials: { apiKey: 're_another' } });
});

test.each([
  ['credentials missing', { ...RESEND, credentials: undefined }, 'credentials'],
  ['an unknown field', { ...RESEND, colour: 'red' }, 'colour'],
  ['an unknown provider', { ...RESEND, provider: 'pigeon' }, 'provider'],
  ['an empty key', { ...RESEND, credentials: { api_key: '' } }, 'credentials.api_key'],
  ['a weight of none', { ...RESEND, weight: 0 }, 'weight'],
  ['a CA file of the worker', { ...RESEND, ca_file: '/etc/passwd' }, 'ca_file'],
  ['a CA file in camelCase', { ...RESEND, caFile: '/etc/passwd' }, 'caFile'],
  ['a setting in camelCase', { ...RESEND, baseUrl: 'https://a.example' }, 'baseUrl'],
  ['a credential in camelCase', { ...RESEND, credentials: { apiKey: 'x' } }, 'credentials.apiKey'],
  ['three receipt secrets', { ...RESEND, receipts: { secrets: ['a', 'b', 'c'] } }, 'receipts.secrets'],
])('refuses %s with 422 and the name of the field, and stores nothing', async (_, body, path) => {
  const answer = await put('refused', body);
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body.errors ?? answer.body.detail)).toContain(path);
  expect(await findProviderAccount(api.db.sql, 'refused')).toBeNull();
});

test('a refusal never repeats a credential', async () => {
  const answer = await put('refused', {
    ...RESEND,
    credentials: { api_key: 7, other: 're_a_very_secret_key' },
  });
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.body)).not.toContain('very_secret');
});

test('a row that names a file of the server is never read as one, nor shown', async () => {
  await put('resend-file', RESEND);
  const path = '/proc/self/environ';
  await api.db.sql`
    update provider_accounts set settings = settings || ${JSON.stringify({ caFile: path })}::text::jsonb,
      updated_at = now() where id = 'resend-file'`;
  const shown = await api.request('GET', '/v1/provider-accounts/resend-file');
  expect(shown.body.settings).toEqual({ from: RESEND.from });
  const stored = await findProviderAccount(api.db.sql, 'resend-file');
  expect(decryptAccount(ring(`k1:${KEY}`), stored!)).not.toHaveProperty('caFile');
});

test('a test key, and a key without the scope, may not see or touch accounts', async () => {
  const testKey = await api.key({ environment: 'test' });
  const reader = await api.key({ scopes: ['notifications:read'] });
  for (const [key, code] of [
    [testKey, 'wrong_environment'],
    [reader, 'forbidden'],
  ] as const)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/resend-eu'],
      ['PUT', '/resend-eu'],
      ['PATCH', '/resend-eu'],
      ['DELETE', '/resend-eu'],
      ['POST', '/resend-eu/verify'],
    ] as const) {
      const body = method === 'PUT' ? RESEND : method === 'PATCH' ? { enabled: false } : undefined;
      const answer = await api.request(method, `/v1/provider-accounts${path}`, body, { key });
      expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([403, code]);
    }
});

test('a removed account no longer exists, and removing it again is 404', async () => {
  await put('resend-gone', RESEND);
  expect((await api.request('DELETE', '/v1/provider-accounts/resend-gone')).status).toBe(204);
  expect((await api.request('DELETE', '/v1/provider-accounts/resend-gone')).status).toBe(404);
});

test('verify gives the same answer for every address in a private network, and calls none', async () => {
  let asked = 0;
  const server = createServer((_, response) => response.writeHead(++asked && 404).end()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const verdicts = new Set<string>();
  const addresses = [
    `http://127.0.0.1:${port}`,
    'http://127.0.0.1:9',
    'http://10.255.255.1',
    'http://nowhere.invalid',
  ];
  for (const base_url of addresses) {
    await put('resend-nowhere', { ...RESEND, base_url });
    const { status, body } = await api.request('POST', '/v1/provider-accounts/resend-nowhere/verify');
    expect([status, body.healthy]).toEqual([200, false]);
    verdicts.add(body.why);
  }
  expect([...verdicts]).toEqual([expect.stringContaining('no public network')]);
  expect(asked).toBe(0);
  // An address from the file is called wherever it is.
  await put('resend-nowhere', { ...RESEND, base_url: `http://127.0.0.1:${port}` });
  await api.db.sql`update provider_accounts set managed_by = 'file' where id = 'resend-nowhere'`;
  const ofFile = await api.request('POST', '/v1/provider-accounts/resend-nowhere/verify');
  expect(ofFile.body.why).toContain('HTTP 404');
  expect(asked).toBe(1);
  server.close();
});

test('a rotation wraps every secret with the new key, and may be run again', async () => {
  await put('resend-rotated', RESEND);
  const both = ring(`k2:${NEXT},k1:${KEY}`);
  const first = await rewrapSecrets(api.db.sql, both);
  expect(first.rewrapped).toBeGreaterThan(0);
  expect(await rewrapSecrets(api.db.sql, both)).toEqual({
    rewrapped: 0,
    current: first.rewrapped + first.current,
  });
  const row = await findProviderAccount(api.db.sql, 'resend-rotated');
  expect(row?.keyId).toBe('k2');
  expect(decryptAccount(ring(`k2:${NEXT}`), row!)).toMatchObject({
    credentials: { apiKey: 're_a_very_secret_key' },
  });
});

test('a key that signs e-mails is stored like a credential: encrypted, never shown, kept until replaced', async () => {
  const smtp = {
    provider: 'smtp',
    environments: ['live'],
    from: 'a@acme.example',
    host: 'mail.acme.example',
    port: 587,
  };
  const dkim = {
    domain_name: 'acme.example',
    key_selector: 's1',
    private_key: '-----BEGIN PRIVATE KEY-----\nvery_secret\n-----END PRIVATE KEY-----',
  };
  const opened = async () =>
    decryptAccount(ring(`k1:${KEY}`), (await findProviderAccount(api.db.sql, 'smtp-signed'))!);
  expect((await put('smtp-signed', { ...smtp, dkim })).status).toBe(201);
  const shown = await put('smtp-signed', { ...smtp, port: 465 });
  expect(JSON.stringify(shown.body)).not.toContain('very_secret');
  expect(await opened()).toMatchObject({
    port: 465,
    dkim: { keySelector: 's1', privateKey: dkim.private_key },
  });
  const [row] = await api.db
    .sql`select provider_accounts::text as row from provider_accounts where id = 'smtp-signed'`;
  expect(row!.row).not.toMatch(/very_secret|acme\.example.*s1/);
  const wrong = await put('smtp-signed', { ...smtp, dkim: { ...dkim, private_key: 'very_secret' } });
  expect(wrong.status).toBe(422);
  expect(wrong.body.errors[0].path).toBe('dkim.private_key');
  expect(JSON.stringify(wrong.body)).not.toContain('very_secret');
});
