import { createHash } from 'node:crypto';
import { findStaffSession } from '@carillon/db/staff/sessions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { givenSession, givenStaff } from '../../../../../test/support/staff.ts';

let database: TestDatabase;
let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
  key = await api.key({ scopes: ['admin', 'installation'] });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const call = (method: string, path: string, body?: unknown) => api.request(method, path, body, { key });
let people = 0;
async function added(role = 'support') {
  const { status, body } = await call('POST', '/v1/staff', { email: `P${people++}@acme.example`, role });
  expect(status).toBe(201);
  return body;
}
const behind = (session: string) => findStaffSession(api.db.sql, session, 60);

describe('apps', () => {
  test('are added, renamed and listed; names are unique, also when added concurrently', async () => {
    const { status, body } = await call('POST', '/v1/apps', { name: 'Shop', time_zone: 'Europe/Berlin' });
    expect([status, body.time_zone]).toEqual([201, 'Europe/Berlin']);
    const both = await Promise.all([1, 2].map(() => call('POST', '/v1/apps', { name: 'Twice' })));
    expect(both.map((each) => each.status).sort()).toEqual([201, 409]);
    const renamed = await call('PATCH', `/v1/apps/${body.id}`, { name: 'Store' });
    expect(renamed.body).toMatchObject({ id: body.id, name: 'Store', time_zone: 'Europe/Berlin' });
    expect((await call('PATCH', `/v1/apps/${body.id}`, { name: 'Twice' })).status).toBe(409);
    expect((await call('PATCH', `/v1/apps/${crypto.randomUUID()}`, { name: 'N' })).status).toBe(404);
    const names = (await call('GET', '/v1/apps')).body.data.map(({ name }: { name: string }) => name);
    expect(names).toContain('Store');
    const { body: log } = await call('GET', `/v1/audit?subject=app:${body.id}`);
    expect(log.data.map(({ action }: { action: string }) => action)).toEqual(['app.change', 'app.add']);
  });
});

describe('staff', () => {
  test('are invited by a link that is stored as a hash only and shown where no e-mail account is set up', async () => {
    const member = await added();
    expect(member).toMatchObject({ email: expect.stringMatching(/^p\d+@acme/), has_login: false });
    expect(member.link).toMatchObject({
      sent: false,
      url: expect.stringMatching(/^\/choose-password\?token=[\w-]{32}$/),
    });
    const token = member.link.url.split('=')[1];
    const stored = await api.db.sql`select identifier from staff_tokens where value = ${member.id}`;
    expect(stored[0]!.identifier).toBe(
      createHash('sha256').update(`reset-password:${token}`).digest('base64url'),
    );
    expect(JSON.stringify((await call('GET', '/v1/staff?limit=200')).body)).not.toContain(token);
    const again = await call('POST', '/v1/staff', { email: member.email.toUpperCase(), role: 'viewer' });
    expect([again.status, again.body.code]).toEqual([409, 'invalid_state']);
  });

  test('have roles in every app or in some, which apply from the next request', async () => {
    const member = await added('viewer');
    const session = await givenSession(api.db.sql, member.id);
    const roles = [{ role: 'support', app_id: api.appId, environment: 'test' }];
    const { body } = await call('PATCH', `/v1/staff/${member.id}`, { roles });
    expect(body.roles).toEqual(roles);
    expect((await behind(session))?.grants).toEqual([
      { role: 'support', appId: api.appId, environment: 'test' },
    ]);
    const unknown = [{ role: 'support', app_id: crypto.randomUUID() }];
    expect((await call('PATCH', `/v1/staff/${member.id}`, { roles: unknown })).status).toBe(404);
    const both = await call('PATCH', `/v1/staff/${member.id}`, { roles, role: 'viewer' });
    expect([both.status, both.body.errors[0].path]).toEqual([422, 'role']);
    const { body: log } = await call('GET', `/v1/audit?subject=staff:${member.id}`);
    expect(log.data[0]).toMatchObject({
      action: 'staff.roles',
      detail: { roles, roles_before: [{ role: 'viewer', app_id: null, environment: null }] },
    });
  });

  test('disabling ends every session at once, and enabling restores none', async () => {
    const member = await added();
    const session = await givenSession(api.db.sql, member.id);
    expect((await call('PATCH', `/v1/staff/${member.id}`, { enabled: false })).body.enabled).toBe(false);
    expect(await behind(session)).toBeNull();
    await call('PATCH', `/v1/staff/${member.id}`, { enabled: true });
    expect(await behind(session)).toBeNull();
  });

  test('a reset takes the password, the links sent before and, where asked, the second factor', async () => {
    const id = await givenStaff(api.db.sql, { email: 'lost@acme.example', password: 'a long one, really' });
    await api.db
      .sql`insert into staff_two_factors (staff_id, secret, recovery_codes) values (${id}, 's', 'r')`;
    const session = await givenSession(api.db.sql, id);
    const first = (await call('POST', `/v1/staff/${id}/reset-password`)).body;
    expect(first).toMatchObject({ has_login: false });
    expect(await behind(session)).toBeNull();
    expect(await api.db.sql`select from staff_two_factors where staff_id = ${id}`).toHaveLength(1);
    await call('POST', `/v1/staff/${id}/reset-password`, { second_factor: true });
    expect(await api.db.sql`select from staff_two_factors where staff_id = ${id}`).toHaveLength(0);
    expect(await api.db.sql`select from staff_tokens where value = ${id}`).toHaveLength(1);
  });

  test('sessions are listed and ended one by one', async () => {
    const member = await added();
    const [one, two] = [await givenSession(api.db.sql, member.id), await givenSession(api.db.sql, member.id)];
    const { body } = await call('GET', `/v1/staff/${member.id}/sessions`);
    expect(body.data.map(({ id }: { id: string }) => id).sort()).toEqual([one, two].sort());
    expect(JSON.stringify(body)).not.toContain('token');
    expect((await call('DELETE', `/v1/staff/${member.id}/sessions/${one}`)).status).toBe(204);
    expect((await call('DELETE', `/v1/staff/${member.id}/sessions/${one}`)).status).toBe(404);
    expect(await behind(one)).toBeNull();
    expect(await behind(two)).not.toBeNull();
  });

  test('the last owner who can log in is kept; of two disabled concurrently one is kept', async () => {
    await api.db.sql`update staff set disabled_at = now()`;
    const [one, two] = [await added('owner'), await added('owner')];
    const disabled = await Promise.all(
      [one, two].map(({ id }) => call('PATCH', `/v1/staff/${id}`, { enabled: false })),
    );
    expect(disabled.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = disabled[0]!.status === 409 ? one : two;
    expect((await call('PATCH', `/v1/staff/${left.id}`, { role: 'viewer' })).body.code).toBe('invalid_state');
  });

  test('roles list their scopes', async () => {
    const { body } = await call('GET', '/v1/roles');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual([
      'owner',
      'admin',
      'support',
      'marketer',
      'developer',
      'viewer',
      'auditor',
    ]);
    expect(body.data[0].scopes).toEqual(['admin', 'installation']);
  });
});

describe('the audit log', () => {
  test('of one app has the actions on that app; of the installation all, including staff', async () => {
    await added();
    const { body: own } = await api.request('GET', '/v1/audit?limit=200');
    expect(own.data.every(({ app_id }: { app_id: string }) => app_id === api.appId)).toBe(true);
    const { body: all } = await call('GET', '/v1/audit?action=staff.&limit=200');
    expect(all.data.length).toBeGreaterThan(0);
    for (const { action, app_id } of all.data) {
      expect(action).toMatch(/^staff\./);
      expect(app_id).toBeNull();
    }
    expect((await api.request('GET', `/v1/audit?app_id=${crypto.randomUUID()}`)).status).toBe(403);
  });

  test('is paged newest first to its end, each entry once, and narrowed by actor and time', async () => {
    const ids: number[] = [];
    let cursor = '';
    do {
      const { body } = await call('GET', `/v1/audit?limit=3${cursor}`);
      ids.push(...body.data.map(({ id }: { id: string }) => Number(id)));
      cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (cursor !== '');
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    const [row] = await api.db.sql`select count(*)::int as count from audit_log`;
    expect(ids).toHaveLength(row!.count);
    expect((await call('GET', '/v1/audit?actor=staff:no')).body.data).toEqual([]);
    expect((await call('GET', '/v1/audit?created_before=2020-01-01T00:00:00Z')).body.data).toEqual([]);
  });
});
