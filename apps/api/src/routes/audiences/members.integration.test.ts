import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';
import { readIds } from './read-ids.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;
let appId: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  appId = await insertApp(api.db.sql);
  key = await api.key({ appId });
  await api.db.sql`
    insert into recipients (app_id, environment, id, locale, attributes)
    select ${appId}, 'live', 'p' || i, case when i <= 3 then 'de' end,
      jsonb_build_object('plan', case when i % 2 = 0 then 'pro' else 'free' end, 'n', i, 'address', '{"city": "Lyon"}'::jsonb)
    from generate_series(1, 6000) i`;
});

const NDJSON = { 'content-type': 'application/x-ndjson' };
const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.request(method, path, body, { key, headers });
const idsOf = async (path: string): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const answer = await request(
      'GET',
      cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`,
    );
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    ids.push(...answer.body.data.map((each: { recipient_id: string }) => each.recipient_id));
    cursor = answer.body.next_cursor;
  } while (cursor !== null);
  return ids;
};

async function partsOf(parts: AsyncIterable<string[]>): Promise<string[][]> {
  const all: string[][] = [];
  for await (const part of parts) all.push(part);
  return all;
}

test('a stream of ids is added to a list and taken out of it; unknown ids and bad lines are reported', async () => {
  await request('PUT', '/v1/audiences/all', { recipient_ids: [] });
  const lines = Array.from({ length: 6000 }, (_, i) => (i % 2 === 0 ? `"p${i + 1}"` : `{"id": "p${i + 1}"}`));
  const body = [
    ...lines,
    '',
    '"nobody"',
    'p1',
    '{"id": 5}',
    '{"ID": "p1"}',
    `"${'x'.repeat(5000)}"`,
    '"p1"',
  ].join('\n');
  const added = await request('POST', '/v1/audiences/all/members', body, NDJSON);
  expect(added).toMatchObject({
    status: 200,
    body: { read: 6002, changed: 6000, unknown: 1, unknown_ids: ['nobody'], failed: 4 },
  });
  expect(added.body.errors.map(({ line, path }: { line: number; path: string }) => [line, path])).toEqual([
    [6003, ''],
    [6004, 'id'],
    [6005, 'ID'],
    [6006, ''],
  ]);
  expect((await request('POST', '/v1/audiences/all/members', '"p1"\n"p2"', NDJSON)).body.changed).toBe(0);
  const json = await request('DELETE', '/v1/audiences/all/members', { recipient_ids: ['p1', 'p9999'] });
  expect(json.body).toMatchObject({ read: 2, changed: 1 });
  const rows = await api.db.sql`
    select action, detail from audit_log where app_id = ${appId} and subject = 'audience:all' order by id`;
  expect(rows.map(({ action }) => action)).toEqual(['audience.put', 'audience.add', 'audience.remove']);
  expect(rows[1]!.detail).toMatchObject({ members: 6000 });
});

test('a filter takes no members, an audience that is not there is 404, and a body without ids is refused', async () => {
  await request('PUT', '/v1/audiences/pro', { filter: { all: [] } });
  expect(await request('POST', '/v1/audiences/pro/members', '"p1"', NDJSON)).toMatchObject({
    status: 409,
    body: { code: 'invalid_state' },
  });
  expect((await request('POST', '/v1/audiences/none/members', '"p1"', NDJSON)).status).toBe(404);
  expect(await request('POST', '/v1/audiences/pro/members')).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'recipient_ids' }] },
  });
  const reader = await api.key({ appId, scopes: ['audiences:read'] });
  const refused = await api.request('POST', '/v1/audiences/pro/members', '"p1"', {
    key: reader,
    headers: NDJSON,
  });
  expect(refused.status).toBe(403);
});

test('lines are read across the borders of chunks, in any size of them', async () => {
  const bytes = new TextEncoder().encode('"ä"\r\n{"id":"😀"}\n\n"last"');
  for (const size of [1, 2, 3, 7, 100]) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
    const { parts, failed } = readIds(body);
    expect(await partsOf(parts)).toEqual([['ä', '😀', 'last']]);
    expect(failed.count).toBe(0);
  }
});

test('an upload that falls silent is ended, and what is no UTF-8 is refused', async () => {
  const silent = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('"a"\n')),
  });
  await expect(partsOf(readIds(silent, 20).parts)).rejects.toMatchObject({ code: 'request_timeout' });
  const latin = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Uint8Array.of(0x22, 0xe4, 0x22, 0x0a));
      controller.close();
    },
  });
  await expect(partsOf(readIds(latin).parts)).rejects.toMatchObject({ code: 'malformed_request' });
});

test('recipients are listed by a filter and by an audience, and the members of an audience likewise', async () => {
  const few = {
    all: [
      { field: 'attributes.n', op: 'lte', value: 8 },
      { field: 'attributes.plan', op: 'eq', value: 'pro' },
    ],
  };
  const query = encodeURIComponent(JSON.stringify(few));
  expect(await idsOf(`/v1/recipients?filter=${query}&limit=3`)).toEqual(['p2', 'p4', 'p6', 'p8']);
  await request('PUT', '/v1/audiences/few', { filter: few });
  expect(await idsOf('/v1/recipients?audience=few&locale=de')).toEqual(['p2']);
  expect(await idsOf('/v1/audiences/few/members?limit=2')).toEqual(['p2', 'p4', 'p6', 'p8']);
  await request('PUT', '/v1/audiences/two', { recipient_ids: ['p10', 'p5'] });
  expect(await idsOf('/v1/audiences/two/members')).toEqual(['p10', 'p5']);
  expect((await request('GET', '/v1/audiences/none/members')).status).toBe(404);
  const pathsOf = async (query: string) =>
    (await request('GET', `/v1/recipients?${query}`)).body.errors.map(({ path }: { path: string }) => path);
  expect((await request('GET', '/v1/recipients?audience=none')).body.code).toBe('unknown_audience');
  expect(await pathsOf('audience=none')).toEqual(['audience']);
  const both = encodeURIComponent(JSON.stringify({ all: [{ audience: 'none' }] }));
  expect(await pathsOf(`filter=${both}&audience=none`)).toEqual(['filter.all.0']);
  expect((await request('GET', '/v1/recipients?filter=x')).body.errors).toMatchObject([{ path: 'filter' }]);
});

test('the attributes that recipients have are listed with their types and frequent values', async () => {
  const { body } = await request('GET', '/v1/recipient-attributes');
  expect(body.data).toContainEqual({ field: 'attributes.plan', types: ['string'], values: ['free', 'pro'] });
  expect(body.data).toContainEqual({ field: 'attributes.address.city', types: ['string'], values: ['Lyon'] });
  expect(body.data).toContainEqual(expect.objectContaining({ field: 'attributes.n', types: ['number'] }));
});
