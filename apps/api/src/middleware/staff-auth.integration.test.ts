import { ROLE_NAMES, type Role } from '@carillon/core/access/roles';
import { makeStaffToken } from '@carillon/core/access/staff-token';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { givenSession, givenStaff, staffHeaders } from '../../../../test/support/staff.ts';
import { configSchema } from '../config.ts';

let database: TestDatabase;
let api: ApiUnderTest;
const sessions = new Map<Role, string>();
const ring = configSchema.parse({ DATABASE_URL: 'postgres://x' }).ENCRYPTION_KEYS;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  for (const role of ROLE_NAMES)
    sessions.set(
      role,
      await givenSession(api.db.sql, await givenStaff(api.db.sql, { email: `${role}@acme.example`, role })),
    );
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const as = (session: string, app = api.appId, environment = 'live') => ({
  key: null,
  headers: staffHeaders(ring, session, { app, environment }),
});
const asRole = (role: Role, app?: string, environment?: string) => as(sessions.get(role)!, app, environment);

describe('a request of staff', () => {
  test('names its tenant, or is a 400 that says how', async () => {
    const authorization = asRole('owner').headers['authorization']!;
    const { status, body } = await api.request('GET', '/v1/notifications', undefined, {
      key: null,
      headers: { authorization },
    });
    expect([status, body.code]).toEqual([400, 'malformed_request']);
    expect(body.detail).toContain('Carillon-App');
    expect((await api.request('GET', '/v1/notifications', undefined, asRole('owner', 'x'))).status).toBe(400);
    expect((await api.request('GET', '/v1/notifications', undefined, asRole('owner', '*'))).status).toBe(400);
    expect((await api.request('GET', '/v1/apps', undefined, asRole('owner', '*'))).status).toBe(200);
  });

  test('sees the app and environment that it names, and no other', async () => {
    const send = { to: { email: 'ada@example.com' }, channel: 'email', content: { subject: 's', text: 't' } };
    const sent = await api.request('POST', '/v1/notifications', send, asRole('developer', undefined, 'test'));
    expect(sent.status).toBe(202);
    const seen = async (environment: string) =>
      (await api.request('GET', '/v1/notifications', undefined, asRole('support', undefined, environment)))
        .body.data;
    expect(await seen('live')).toEqual([]);
    expect(await seen('test')).toMatchObject([{ id: sent.body.id, to: { email: 'ada@example.com' } }]);
  });

  test('is answered with masked addresses where the role does not see them', async () => {
    const { body } = await api.request(
      'GET',
      '/v1/notifications',
      undefined,
      asRole('viewer', undefined, 'test'),
    );
    expect(body.data).toMatchObject([{ to: { email: 'a***@example.com' } }]);
  });

  test('is audited under the address of the person', async () => {
    const body = { channel: 'email', address: 'bad@example.com', reason: 'manual' };
    const { status } = await api.request('POST', '/v1/suppressions', body, asRole('support'));
    expect(status).toBeLessThan(300);
    const [entry] = await api.db.sql`select actor from audit_log order by id desc limit 1`;
    expect(entry).toEqual({ actor: 'staff:support@acme.example' });
  });

  test('is refused once its session ended, at most 5 s later; another process at once', async () => {
    const id = await givenStaff(api.db.sql, { email: 'gone@acme.example', role: 'viewer' });
    const session = await givenSession(api.db.sql, id);
    await api.db.sql`delete from staff_logins where id = ${session}`;
    const { status, body } = await api.request('GET', '/v1/notifications', undefined, as(session));
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
  });

  test('is refused when its token has run out or was forged', async () => {
    const session = sessions.get('owner')!;
    const old = makeStaffToken(ring, session, Date.now() - 120_000);
    const forged = `${asRole('owner').headers['authorization']!.slice(7)}x`;
    for (const token of [old, forged, 'cst_', 'cst_a.b']) {
      const headers = { ...asRole('owner').headers, authorization: `Bearer ${token}` };
      const answer = await api.request('GET', '/v1/notifications', undefined, { key: null, headers });
      expect([token.slice(0, 8), answer.status]).toEqual([token.slice(0, 8), 401]);
    }
  });

  test('works in one app where the role is in one app, and never on what concerns all', async () => {
    const [other] = await api.db.sql<[{ id: string }]>`insert into apps (name) values ('Other') returning id`;
    const id = await givenStaff(api.db.sql, {
      email: 'one-app@acme.example',
      grants: [{ role: 'admin', appId: other.id, environment: null }],
    });
    const session = await givenSession(api.db.sql, id);
    const status = async (path: string, app: string) =>
      (await api.request('GET', path, undefined, as(session, app))).status;
    expect(await status('/v1/notifications', other.id)).toBe(200);
    expect(await status('/v1/notifications', api.appId)).toBe(403);
    expect(await status('/v1/staff', other.id)).toBe(403);
  });
});

test('a key made by a person has no scope that the person has not', async () => {
  const make = (role: Role, scopes: string[]) =>
    api.request('POST', '/v1/api-keys', { name: 'k', environment: 'test', scopes }, asRole(role));
  expect((await make('developer', ['notifications:write'])).status).toBe(201);
  const beyond = await make('developer', ['suppressions:*']);
  expect([beyond.status, beyond.body.detail]).toEqual([403, expect.stringContaining('suppressions:*')]);
  expect((await make('viewer', ['notifications:read'])).status).toBe(403);
  expect((await make('admin', ['admin'])).status).toBe(201);
});
