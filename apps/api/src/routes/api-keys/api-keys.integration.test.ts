import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let installation: string;
let otherApp: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  installation = await api.key({ scopes: ['admin', 'installation'] });
  const [row] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('other') returning id`;
  otherApp = row.id;
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const idOf = (text: string): string => text.split('_')[2]!;
const wanted = { environment: 'live', name: 'Shop', scopes: ['notifications:write'] };
const create = (body: Record<string, unknown>, key?: string) =>
  api.request('POST', '/v1/api-keys', body, key === undefined ? {} : { key });
const listed = async (id: string, key?: string) => {
  const { body } = await api.request('GET', '/v1/api-keys?limit=200', undefined, key ? { key } : {});
  return body.data.find((each: { id: string }) => each.id === id);
};
const mail = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const send = (key: string) => api.request('POST', '/v1/notifications', mail, { key });

describe('a key created by the API', () => {
  test('works, is shown once, and only its hash is stored', async () => {
    const { status, body } = await create(wanted);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...wanted, app_id: api.appId, state: 'active', expires_at: null });
    expect((await send(body.key)).status).toBe(202);
    expect(JSON.stringify(await listed(body.id))).not.toContain(body.key.split('_')[3]);
    const rows = await api.db.sql`select to_jsonb(k)::text as text from api_keys k where id = ${body.id}`;
    expect(rows[0]!.text).not.toContain(body.key.split('_')[3]);
  });

  test('is in the audit log with its creator, without its text', async () => {
    const { body } = await create(wanted);
    const { body: log } = await api.request('GET', `/v1/audit?subject=api_key:${body.id}`);
    expect(log.data).toMatchObject([
      { action: 'api_key.create', actor: expect.stringMatching(/^key:/), app_id: api.appId },
    ]);
    expect(JSON.stringify(log)).not.toContain(body.key.split('_')[3]);
  });

  test('is refused with an expiry in the past, an unknown scope or none', async () => {
    for (const change of [
      { expires_at: '2020-01-01T00:00:00Z' },
      { scopes: ['everything'] },
      { scopes: [] },
      { name: ' ' },
    ])
      expect((await create({ ...wanted, ...change })).status).toBe(422);
  });
});

describe('rotating', () => {
  test('makes a key with the same rights, and the old one works through the overlap', async () => {
    const old = (await create(wanted)).body;
    const { status, body } = await api.request('POST', `/v1/api-keys/${old.id}/rotate`, {
      overlap_seconds: 600,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...wanted, app_id: api.appId, expires_at: null });
    expect((await send(body.key)).status).toBe(202);
    expect((await send(old.key)).status).toBe(202);
    const before = await listed(old.id);
    expect(before).toMatchObject({ state: 'active', replaced_by: body.id });
    expect(before.expires_at).not.toBeNull();
  });

  test('never extends the old one, and gives the new one its lifetime', async () => {
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const old = (await create({ ...wanted, expires_at })).body;
    const { body } = await api.request('POST', `/v1/api-keys/${old.id}/rotate`);
    expect((await listed(old.id)).expires_at).toBe(expires_at);
    const lifetime = (key: { created_at: string; expires_at: string }) =>
      Date.parse(key.expires_at) - Date.parse(key.created_at);
    expect(Math.abs(lifetime(body) - lifetime(old))).toBeLessThanOrEqual(1);
  });

  test('without overlap revokes the old one; one that was replaced or revoked is not rotated again', async () => {
    const old = (await create(wanted)).body;
    const { body } = await api.request('POST', `/v1/api-keys/${old.id}/rotate`, { overlap_seconds: 0 });
    expect(await listed(old.id)).toMatchObject({ state: 'revoked', replaced_by: body.id });
    const again = await api.request('POST', `/v1/api-keys/${old.id}/rotate`);
    expect([again.status, again.body.code]).toEqual([409, 'invalid_state']);
    const slow = (await create(wanted)).body;
    const twice = await Promise.all(
      [1, 2].map(() => api.request('POST', `/v1/api-keys/${slow.id}/rotate`, { overlap_seconds: 600 })),
    );
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe('revoking', () => {
  test('is permanent, and audited once', async () => {
    const { body } = await create(wanted);
    for (let n = 0; n < 2; n++)
      expect((await api.request('DELETE', `/v1/api-keys/${body.id}`)).status).toBe(204);
    expect(await listed(body.id)).toMatchObject({ state: 'revoked' });
    expect((await send(body.key)).status).toBe(401);
    const { body: log } = await api.request(
      'GET',
      `/v1/audit?subject=api_key:${body.id}&action=api_key.revoke`,
    );
    expect(log.data).toHaveLength(1);
  });
});

describe('an admin key of one app', () => {
  test('neither creates, sees, rotates nor revokes keys of another', async () => {
    const foreign = idOf(await api.key({ appId: otherApp }));
    expect((await create({ ...wanted, app_id: otherApp })).status).toBe(403);
    expect(await listed(foreign)).toBeUndefined();
    expect((await api.request('GET', `/v1/api-keys?app_id=${otherApp}`)).status).toBe(403);
    expect((await api.request('POST', `/v1/api-keys/${foreign}/rotate`)).status).toBe(404);
    expect((await api.request('DELETE', `/v1/api-keys/${foreign}`)).status).toBe(404);
    expect(await listed(foreign, installation)).toMatchObject({ state: 'active' });
  });

  test('does not gain the rights of the installation by creating or rotating a key', async () => {
    expect((await create({ ...wanted, scopes: ['installation'] })).status).toBe(422);
    for (const [method, path] of [
      ['POST', `/v1/api-keys/${idOf(installation)}/rotate`],
      ['DELETE', `/v1/api-keys/${idOf(installation)}`],
      ['GET', '/v1/apps'],
      ['POST', '/v1/apps'],
      ['GET', '/v1/staff'],
      ['GET', '/v1/roles'],
    ] as const) {
      const { status, body } = await api.request(
        method,
        path,
        method === 'POST' && path === '/v1/apps' ? { name: 'x' } : undefined,
      );
      expect([path, status, body.code]).toEqual([path, 403, 'forbidden']);
    }
  });

  test('of the test environment never gets a live key, and sees none', async () => {
    const admin = await api.key({ environment: 'test' });
    const refused = await create(wanted, admin);
    expect([refused.status, refused.body.code]).toEqual([403, 'wrong_environment']);
    expect((await create({ ...wanted, environment: 'test' }, admin)).status).toBe(201);
    const live = (await create(wanted)).body;
    expect(await listed(live.id, admin)).toBeUndefined();
    expect((await api.request('DELETE', `/v1/api-keys/${live.id}`, undefined, { key: admin })).status).toBe(
      404,
    );
    expect((await api.request('GET', '/v1/audit', undefined, { key: admin })).body.code).toBe(
      'wrong_environment',
    );
  });

  test('needs the scope admin for all of this', async () => {
    const key = await api.key({ scopes: ['notifications:write'] });
    expect((await create(wanted, key)).status).toBe(403);
    expect((await api.request('GET', '/v1/audit', undefined, { key })).status).toBe(403);
  });
});

test('a test key that says it has the scope installation reaches its own test keys only', async () => {
  const key = await api.key({ environment: 'test', scopes: ['admin', 'installation'] });
  expect((await api.request('GET', '/v1/apps', undefined, { key })).status).toBe(403);
  expect((await create({ ...wanted, app_id: otherApp }, key)).status).toBe(403);
});

test('lists are paged to the end, each key once', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.request('GET', `/v1/api-keys?limit=2${cursor}`, undefined, {
      key: installation,
    });
    seen.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
  } while (cursor !== '');
  const rows = await api.db.sql<{ id: string }[]>`select id from api_keys order by created_at desc, id desc`;
  expect(seen).toEqual(rows.map(({ id }) => id));
});
