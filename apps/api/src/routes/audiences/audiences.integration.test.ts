import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { insertApp } from '../../../../../test/support/rows.ts';

let database: TestDatabase;
let api: ApiUnderTest;
/** A new app for each test. */
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
});

const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.request(method, path, body, { key, headers });
const put = (audience: string, body: unknown, headers = {}) =>
  request('PUT', `/v1/audiences/${encodeURIComponent(audience)}`, body, headers);
const PRO = { field: 'attributes.plan', op: 'eq', value: 'pro' };
const people = async (...ids: string[]) => {
  for (const id of ids) await request('PUT', `/v1/recipients/${id}`, {});
};
const membersOf = (audience: string) =>
  api.db.sql<{ id: string }[]>`
    select m.recipient_id as id from audience_members m join audiences a on a.id = m.audience_id
    where a.app_id = ${appId} and a.key = ${audience} order by 1`.then((rows) => rows.map(({ id }) => id));

test('a filter is saved under its key, read, listed by key, replaced and deleted', async () => {
  const created = await put('pro-plan', { name: 'Customers on pro', filter: PRO });
  expect(created).toMatchObject({ status: 201, body: { key: 'pro-plan', kind: 'filter', filter: PRO } });
  await put('beta', { filter: { all: [] } });
  expect(await request('GET', '/v1/audiences/pro-plan')).toMatchObject({
    status: 200,
    body: { name: 'Customers on pro', filter: PRO, used_by: { audiences: [], campaigns: [] } },
  });
  const { body } = await request('GET', '/v1/audiences?limit=1');
  expect(body.data).toMatchObject([{ key: 'beta', name: 'beta' }]);
  const next = await request('GET', `/v1/audiences?limit=1&cursor=${body.next_cursor}`);
  expect(next.body).toMatchObject({ data: [{ key: 'pro-plan' }], next_cursor: null });

  expect((await put('pro-plan', { filter: { not: PRO } })).status).toBe(200);
  expect((await request('GET', '/v1/audiences/pro-plan')).body).toMatchObject({
    name: 'pro-plan',
    filter: { not: PRO },
  });
  expect((await request('DELETE', '/v1/audiences/pro-plan')).status).toBe(204);
  expect((await request('DELETE', '/v1/audiences/pro-plan')).status).toBe(204);
  expect(await request('GET', '/v1/audiences/pro-plan')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
});

test('of two people who change an audience at once, the second one gets a conflict and what is there now', async () => {
  const { headers } = await put('vip', { filter: PRO });
  const condition = { 'if-match': headers.get('etag')! };
  expect((await put('vip', { name: 'VIP', filter: PRO }, condition)).status).toBe(200);
  const refused = await put('vip', { name: 'Very important', filter: PRO }, condition);
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict', current: { name: 'VIP' } } });
  expect((await put('vip', { name: 'VIP', filter: PRO }, condition)).status).toBe(200);
  const deleted = await request('DELETE', '/v1/audiences/vip', undefined, condition);
  expect(deleted).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

test('a list has the recipients that exist; the others are reported and not created', async () => {
  await people('ada', 'bob', 'eve');
  const created = await put('staff', { recipient_ids: ['ada', 'ada', 'bob', 'nobody'] });
  expect(created).toMatchObject({
    status: 201,
    body: {
      kind: 'list',
      filter: null,
      members: { added: 2, removed: 0, unknown: 1, unknown_ids: ['nobody'] },
    },
  });
  expect(await membersOf('staff')).toEqual(['ada', 'bob']);
  expect((await request('GET', '/v1/recipients/nobody')).status).toBe(404);
  const replaced = await put('staff', { recipient_ids: ['bob', 'eve'] });
  expect(replaced.body.members).toEqual({ added: 1, removed: 1, unknown: 0, unknown_ids: [] });
  expect((await put('staff', { name: 'Our staff' })).body).toMatchObject({
    name: 'Our staff',
    members: null,
  });
  expect(await membersOf('staff')).toEqual(['bob', 'eve']);
  await request('DELETE', '/v1/recipients/eve');
  expect(await membersOf('staff')).toEqual(['bob']);
  await put('staff', { filter: PRO });
  expect(await membersOf('staff')).toEqual([]);
});

test('an audience that is used cannot be deleted, and says by what it is used', async () => {
  await put('staff', { recipient_ids: [] });
  await put('customers', { filter: { not: { audience: 'staff' } } });
  await api.db.sql`
    insert into campaigns (id, app_id, environment, name, definition, created_by)
    values (gen_random_uuid(), ${appId}, 'live', 'Spring sale', ${JSON.stringify({
      audience: { filter: { all: [{ not: { audience: 'staff' } }] } },
    })}::text::jsonb, 'test')`;
  const refused = await request('DELETE', '/v1/audiences/staff');
  expect(refused).toMatchObject({ status: 409, body: { code: 'invalid_state' } });
  expect(refused.body.detail).toMatch(
    /"staff" is used by audience "customers", campaign "Spring sale" \([0-9a-f-]{36}\)\. Change those first\.$/,
  );
  expect((await request('GET', '/v1/audiences/staff')).body.used_by).toMatchObject({
    audiences: ['customers'],
    campaigns: [{ name: 'Spring sale' }],
  });
});

test('the list says of each audience what uses it, as its own page does', async () => {
  await put('staff', { recipient_ids: [] });
  await put('pro', { filter: PRO });
  await put('both', { filter: { any: [{ audience: 'staff' }, { not: { audience: 'pro' } }] } });
  await put('also', { filter: { audience: 'pro' } });
  const audiences = [
    { audience: 'pro' },
    { filter: { all: [{ audience: 'staff' }, { not: { any: [PRO, { audience: 'pro' }] } }] } },
    { recipient_ids: ['pro'] },
    null,
  ];
  for (const [n, audience] of audiences.entries())
    await api.db.sql`
      insert into campaigns (id, app_id, environment, name, definition, created_by, frozen_at)
      select gen_random_uuid(), ${appId}, 'live', ${`Campaign ${n}`} || suffix, ${JSON.stringify({ audience })}::text::jsonb,
        'test', case suffix when '' then null else now() end
      from unnest(array['', ', started']) as suffix`;
  const { body } = await request('GET', '/v1/audiences');
  const names = (of: { campaigns: { name: string }[] }) => of.campaigns.map(({ name }) => name);
  for (const each of body.data) {
    const { used_by } = (await request('GET', `/v1/audiences/${each.key}`)).body;
    expect(each.used_by.audiences, each.key).toEqual(used_by.audiences);
    expect(names(each.used_by).sort(), each.key).toEqual(names(used_by).sort());
  }
  const pro = body.data.find((each: { key: string }) => each.key === 'pro').used_by;
  expect(pro.audiences).toEqual(['also', 'both']);
  expect(names(pro).sort()).toEqual(['Campaign 0', 'Campaign 1']);
});

test('an exact count is kept beside the audience until its filter changes, and changes no entity tag', async () => {
  await people('ada', 'bob');
  const { headers } = await put('all', { filter: { all: [] } });
  const lastOf = async () => (await request('GET', '/v1/audiences/all')).body.last_count;
  expect(await lastOf()).toBeNull();
  await request('GET', '/v1/audiences/all/count?exact=false');
  expect(await lastOf()).toBeNull();
  const { body: counted } = await request('GET', '/v1/audiences/all/count');
  expect(await lastOf()).toEqual({ count: 2, counted_at: counted.counted_at });
  await people('eve');
  await request('GET', '/v1/audiences/all/count?channels=false');
  expect(await lastOf()).toMatchObject({ count: 3 });
  expect((await request('GET', '/v1/audiences')).body.data[0].last_count).toMatchObject({ count: 3 });
  const again = await request('GET', '/v1/audiences/all');
  expect(again.headers.get('etag')).toBe(headers.get('etag'));
  await put('all', { name: 'Everybody', filter: { all: [] } });
  expect(await lastOf()).toMatchObject({ count: 3 });
  await put('all', { filter: PRO });
  expect(await lastOf()).toBeNull();
});

describe('what an audience names', () => {
  test('must exist', async () => {
    expect(await put('a', { filter: { all: [PRO, { audience: 'none' }] } })).toMatchObject({
      status: 422,
      body: { code: 'unknown_audience', errors: [{ path: 'filter.all.1' }] },
    });
    // Where the request names it, also if another audience names what there is not.
    const { body } = await put('a', { filter: { any: [PRO, { not: { all: [{ audience: 'none' }] } }] } });
    expect(body.errors).toEqual([
      { path: 'filter.any.1.not.all.0', message: expect.stringContaining('none') },
    ]);
    expect(
      await put('a', { filter: { campaign: '0b6a8f9e-91cb-4f5e-8d57-4f0f2b7f7a11', is: 'failed' } }),
    ).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });

  test('must not lead back to it', async () => {
    expect((await put('a', { filter: { audience: 'a' } })).body).toMatchObject({ code: 'unknown_audience' });
    await put('a', { filter: PRO });
    await put('b', { filter: { audience: 'a' } });
    const refused = await put('a', { filter: { not: { any: [{ audience: 'b' }] } } });
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(refused.body.detail).toContain('in a circle: a -> b -> a');
  });

  test('must not lead through too many audiences, or to too many conditions', async () => {
    await put('a0', { filter: PRO });
    for (let n = 1; n < 5; n += 1)
      expect((await put(`a${n}`, { filter: { audience: `a${n - 1}` } })).status, `a${n}`).toBe(201);
    expect((await put('a5', { filter: { audience: 'a4' } })).body.detail).toMatch(/more than 5 audiences/);
    await put('many', { filter: { all: Array(100).fill(PRO) } });
    const refused = await put('more', { filter: { any: Array(5).fill({ audience: 'many' }) } });
    expect(refused.body.detail).toMatch(/more than 500 conditions/);
  });
});

test('two changes at once cannot make a circle', async () => {
  await put('a', { filter: PRO });
  await put('b', { filter: PRO });
  const both = await Promise.all([
    put('a', { filter: { audience: 'b' } }),
    put('b', { filter: { audience: 'a' } }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 422]);
});

test('the audit log says who changed an audience, without addresses', async () => {
  const filter = { field: 'email', op: 'eq', value: 'ada@example.com' };
  await put('one', { filter });
  await put('one', { name: 'One', filter });
  await request('DELETE', '/v1/audiences/one');
  const rows = await api.db.sql`
    select action, detail from audit_log where app_id = ${appId} and subject = 'audience:one' order by id`;
  expect(rows.map(({ action }) => action)).toEqual(['audience.put', 'audience.put', 'audience.delete']);
  expect(rows[1]!.detail).toMatchObject({ name: 'One', kind: 'filter', before: { name: 'one' } });
  expect(JSON.stringify(rows)).not.toContain('ada@');
});

test('audiences belong to an app and environment, and to keys with their scope', async () => {
  await put('pro-plan', { filter: PRO });
  const others = [await api.key(), await api.key({ appId, environment: 'test' })];
  for (const other of others)
    expect((await api.request('GET', '/v1/audiences/pro-plan', undefined, { key: other })).status).toBe(404);
  const reader = await api.key({ appId, scopes: ['audiences:read'] });
  expect((await api.request('GET', '/v1/audiences', undefined, { key: reader })).status).toBe(200);
  expect((await api.request('PUT', '/v1/audiences/x', { filter: PRO }, { key: reader })).status).toBe(403);
  const stranger = await api.key({ appId, scopes: ['recipients:*'] });
  expect((await api.request('GET', '/v1/audiences', undefined, { key: stranger })).status).toBe(403);
});

test.each<[unknown, string, string]>([
  [{}, 'filter', 'is missing, and so is recipient_ids; give one of them'],
  [{ filter: PRO, recipient_ids: [] }, 'recipient_ids', 'is mutually exclusive with filter'],
  [{ filter: [] }, 'filter', 'is not an object'],
  [{ filter: { all: [PRO, { ...PRO, op: 'lt' }] } }, 'filter.all.1.value', '"pro" is not a number'],
  [{ filter: PRO, name: '' }, 'name', 'is too short'],
  [{ recipient_ids: [' a'] }, 'recipient_ids.0', 'has white space around it'],
  [{ recipient_ids: Array(10_001).fill('a') }, 'recipient_ids', 'is too long; at most 10000 items'],
  [{ filter: PRO, nam: 'x' }, 'nam', 'there is no field "nam" here'],
])('the audience %j is refused at %s', async (body, path, message) => {
  const refused = await put('x', body);
  expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  expect(refused.body.errors).toContainEqual({ path, message: expect.stringContaining(message) });
});
