import { parseKeyRing } from '@carillon/core/notification/envelope';
import { addressHash } from '@carillon/core/recipient/suppression';
import { unsubscribeUrl } from '@carillon/core/recipient/unsubscribe-link';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const ring = parseKeyRing(KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { ENCRYPTION_KEYS: KEYS } });
  await api.db.sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'live', 'ada')`;
  await api.db.sql`
    insert into categories (app_id, environment, name, unsubscribable)
    values (${api.appId}, 'live', 'news', true), (${api.appId}, 'live', 'offers', true), (${api.appId}, 'live', 'security', false)`;
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const link = (over: { recipientId?: string; addressHash?: string } = { recipientId: 'ada' }, keys = ring) =>
  unsubscribeUrl('', keys, { appId: api.appId, environment: 'live', category: 'news', ...over });
const post = (path: string, form: string) =>
  api.request('POST', path, form, {
    key: null,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const chosen = async () =>
  (await api.db.sql`select categories from user_preferences where recipient_id = 'ada'`)[0]?.categories ?? {};

test('following the link shows a page and does not unsubscribe: mail scanners follow every link', async () => {
  const response = await api.app.request(link());
  expect(response.status).toBe(200);
  const page = await response.text();
  expect(page).toContain('Unsubscribe from “news”?');
  expect(page).not.toContain('<script');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(await chosen()).toEqual({});
});

test('one click in the mail program opts out of the category, without key, cookie or confirmation, and is idempotent', async () => {
  for (let k = 0; k < 2; k++) expect((await post(link(), 'List-Unsubscribe=One-Click')).status).toBe(200);
  expect(await chosen()).toEqual({ news: false });
});

test('the page offers only unsubscribable categories, with the current choices', async () => {
  const page = await (await api.app.request(link())).text();
  expect(page).toContain('value="offers" checked');
  expect(page).toMatch(/value="news"\s*>/);
  expect(page).not.toContain('security');
});

test('choices are saved, and no other category can be chosen', async () => {
  expect((await post(link(), 'choices=1&wanted=news&wanted=security')).status).toBe(200);
  expect(await chosen()).toEqual({ news: true, offers: false });
});

test('an opt-out stored before names were lower-cased applies, and can be reversed', async () => {
  const [before] = await api.db.sql`select categories from user_preferences where recipient_id = 'ada'`;
  await api.db.sql`
    insert into user_preferences (app_id, environment, recipient_id, categories)
    values (${api.appId}, 'live', 'ada', '{"Offers": false}')
    on conflict (app_id, environment, recipient_id) do update set categories = excluded.categories`;
  const isChosen = async () =>
    (await (await api.app.request(link())).text()).includes('value="offers" checked');
  expect(await isChosen()).toBe(false);
  await post(link(), 'choices=1&wanted=offers&wanted=news');
  expect(await isChosen()).toBe(true);
  expect(await chosen()).toMatchObject({ offers: true });
  await post(link(), 'choices=1&wanted=news');
  expect(await isChosen()).toBe(false);
  await api.db.sql`
    update user_preferences set categories = ${api.db.sql.json(before?.categories ?? {})} where recipient_id = 'ada'`;
});

test('an address without a recipient that unsubscribes gets no more messages', async () => {
  const hash = addressHash(api.appId, 'email', 'eve@example.test');
  expect((await post(link({ addressHash: hash.toString('hex') }), 'List-Unsubscribe=One-Click')).status).toBe(
    200,
  );
  expect(await api.db.sql`select reason from suppressions where address_hash = ${hash}`).toEqual([
    { reason: 'unsubscribe' },
  ]);
});

test('a changed or forged link is 404 and does nothing', async () => {
  const foreign = parseKeyRing(`k1:${Buffer.alloc(32, 9).toString('base64')}`);
  if ('problem' in foreign) throw new Error(foreign.problem);
  const before = await chosen();
  for (const path of [`${link()}x`, '/v1/unsubscribe/abc.def', link(undefined, foreign)]) {
    expect((await post(path, 'List-Unsubscribe=One-Click')).status).toBe(404);
    expect((await api.app.request(path)).status).toBe(404);
  }
  expect(await chosen()).toEqual(before);
});

test('a category whose name is markup is shown as text', async () => {
  const url = unsubscribeUrl('', ring, {
    appId: api.appId,
    environment: 'live',
    category: '<img src=x>',
    recipientId: 'ada',
  });
  const page = await (await api.app.request(url)).text();
  expect(page).not.toContain('<img');
  expect(page).toContain('&lt;img');
});
