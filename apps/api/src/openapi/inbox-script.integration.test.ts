import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildInbox } from '../../../../packages/inbox/build.ts';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import type { Api } from '../deps.ts';
import { INBOX_SCRIPT, registerInboxScript } from './register-inbox-script.ts';

let database: TestDatabase;
let api: ApiUnderTest;
beforeAll(async () => {
  await buildInbox();
  database = await testDatabase();
  api = await apiUnderTest(database.url);
}, 120_000);
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const get = (headers: Record<string, string> = {}) =>
  api.request('GET', INBOX_SCRIPT, undefined, { key: null, headers });

test('the component is served to pages of any origin, without a key', async () => {
  const { status, headers, body } = await get({ origin: 'https://shop.example' });
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  });
  const file = fileURLToPath(new URL('../../../../packages/inbox/dist/carillon-inbox.js', import.meta.url));
  expect(body).toBe(readFileSync(file, 'utf8'));
});

test('it is compressed where that is wanted, and sent again only when it has changed', async () => {
  const packed = await get({ 'accept-encoding': 'br, gzip' });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  const plain = await get();
  const [one, two] = [plain, packed].map(({ headers }) => headers.get('etag')!);
  expect(one).not.toBe(two);
  expect((await get({ 'if-none-match': `"other", W/${one}` })).status).toBe(304);
  expect((await get({ 'if-none-match': two!, 'accept-encoding': 'gzip' })).status).toBe(304);
  expect((await get({ 'if-none-match': two! })).status).toBe(200);
});

test('a checkout where it is not built says how to build it', async () => {
  const app = new OpenAPIHono() as unknown as Api;
  registerInboxScript(app, '/nowhere/carillon-inbox.js');
  const answer = await app.request(INBOX_SCRIPT);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('npm run build:ui');
});
