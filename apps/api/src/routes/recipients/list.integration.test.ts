import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRecipients } from '../../../../../db/recipients/list-recipients.ts';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

const PEOPLE = {
  'a/1': { email: 'Ada@Example.com', locale: 'en-GB' },
  'a/2': { phone: '+447911123456', locale: 'de' },
  'a%': { email: 'eve@example.com', phone: '+14155552671' },
  B1: {},
  'ä/1': { locale: 'de' },
};

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  for (const [id, body] of Object.entries(PEOPLE))
    await api.request('PUT', `/v1/recipients/${encodeURIComponent(id)}`, body);
  await api.request('POST', '/v1/recipients/B1/devices', { fcm_token: 'a-device-token' });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function list(query: Record<string, string>, key?: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const where = `/v1/recipients?${new URLSearchParams({ ...query, limit: '2', ...(cursor ? { cursor } : {}) })}`;
    const answer = await api.request('GET', where, undefined, key === undefined ? {} : { key });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    ids.push(...answer.body.data.map((each: { recipient_id: string }) => each.recipient_id));
    cursor = answer.body.next_cursor;
  } while (cursor !== null);
  return ids;
}

test('recipients are listed by id in byte order, each once, over all pages', async () => {
  expect(await list({})).toEqual(['B1', 'a%', 'a/1', 'a/2', 'ä/1']);
});

test.each<[Record<string, string>, string[]]>([
  [{ id_prefix: 'a/' }, ['a/1', 'a/2']],
  [{ id_prefix: 'a%' }, ['a%']],
  [{ id_prefix: 'A' }, []],
  [{ email: 'ADA@example.COM' }, ['a/1']],
  [{ email: 'Ada L. <ada@example.com>' }, ['a/1']],
  [{ phone: '0044 (0)7911 123456' }, ['a/2']],
  [{ locale: 'DE' }, ['a/2', 'ä/1']],
  [{ locale: 'de', id_prefix: 'a' }, ['a/2']],
  [{ has_channel: 'email' }, ['a%', 'a/1']],
  [{ has_channel: 'sms' }, ['a%', 'a/2']],
  [{ has_channel: 'push' }, ['B1']],
  [{ created_before: '2020-01-01T00:00:00Z' }, []],
  [{ created_after: '2020-01-01T00:00:00Z', has_channel: 'push' }, ['B1']],
])('%j finds %j', async (query, expected) => {
  expect(await list(query)).toEqual(expected);
});

test('a page scans a bounded number of recipients and returns a cursor, for any bound', async () => {
  const tenant = { appId: api.appId, environment: 'live' } as const;
  for (const scanLimit of [1, 2, 4, 5, 6]) {
    const ids: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const page = await listRecipients(api.db.sql, tenant, { locale: 'de', after }, 2, scanLimit);
      ids.push(...page.rows.map(({ id }) => id));
      after = page.next ?? undefined;
      pages++;
    } while (after !== undefined);
    expect(ids).toEqual(['a/2', 'ä/1']);
    expect(pages).toBe(Math.floor(5 / scanLimit) + 1);
  }
});

test('a recipient of the list is the same as one that is looked up', async () => {
  const answer = await api.request('GET', '/v1/recipients?id_prefix=a%2F1');
  const { body } = await api.request('GET', '/v1/recipients/a%2F1');
  expect(answer.body.data).toHaveLength(1);
  expect(body).toMatchObject(answer.body.data[0]);
});

test('reading needs recipients:read, which recipients:* includes, and which changes nothing', async () => {
  const reader = await api.key({ scopes: ['recipients:read'] });
  expect(await list({ id_prefix: 'B' }, reader)).toEqual(['B1']);
  expect(await list({ id_prefix: 'B' }, await api.key({ scopes: ['recipients:*'] }))).toEqual(['B1']);
  expect((await api.request('PUT', '/v1/recipients/B1', {}, { key: reader })).status).toBe(403);
  const other = await api.key({ scopes: ['notifications:read'] });
  expect((await api.request('GET', '/v1/recipients', undefined, { key: other })).status).toBe(403);
  expect(await list({}, await api.key({ environment: 'test' }))).toEqual([]);
});

test('what cannot be answered is refused with the reason', async () => {
  const both = await api.request('GET', '/v1/recipients?email=a%40b.cd&phone=%2B14155552671');
  expect(both.status).toBe(422);
  expect((await api.request('GET', '/v1/recipients?cursor=bm9wZQ')).status).toBe(422);
  expect((await api.request('GET', '/v1/recipients?name=ada')).body.detail).toContain('id_prefix');
});
