import { verifyPassword } from '@carillon/core/access/password';
import { findStaffAccount } from '@carillon/db/staff/find-account';
import { findStaffSession, openStaffSession } from '@carillon/db/staff/sessions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';
import { until } from '../../../../../test/support/until.ts';

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
async function added(role = 'operator') {
  const { status, body } = await call('POST', '/v1/staff', { email: `p${people++}@acme.example`, role });
  expect(status).toBe(201);
  return body;
}
/** A session as opened by a login. */
async function loggedIn(id: string): Promise<Buffer> {
  const tokenHash = Buffer.from(crypto.randomUUID());
  const [row] = await api.db.sql<
    [{ hash: string }]
  >`select password_hash as hash from staff where id = ${id}`;
  const session = { tokenHash, staffId: id, passwordHash: row.hash, hours: 1, replaces: null };
  expect(await openStaffSession(api.db.sql, session)).toBe(true);
  return tokenHash;
}
const behind = (session: Buffer) => findStaffSession(api.db.sql, session, 60);

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
  test('come with a one-time password that is stored as a hash only', async () => {
    const member = await added();
    const account = await findStaffAccount(api.db.sql, member.email.toUpperCase());
    expect(await verifyPassword(member.one_time_password, account!.passwordHash)).toBe(true);
    expect(member.one_time_password_until).not.toBeNull();
    const { body } = await call('GET', '/v1/staff?limit=200');
    expect(JSON.stringify(body)).not.toContain(member.one_time_password);
    const again = await call('POST', '/v1/staff', { email: member.email.toUpperCase(), role: 'viewer' });
    expect([again.status, again.body.code]).toEqual([409, 'invalid_state']);
  });

  test('an expired one-time password opens nothing', async () => {
    const member = await added();
    const session = await loggedIn(member.id);
    expect(await behind(session)).toMatchObject({ mustChoosePassword: true });
    await api.db.sql`update staff set one_time_until = now() where id = ${member.id}`;
    expect(await findStaffAccount(api.db.sql, member.email)).toBeNull();
    expect(await behind(session)).toBeNull();
  });

  test('a role applies from the next request', async () => {
    const member = await added('viewer');
    const session = await loggedIn(member.id);
    expect((await call('PATCH', `/v1/staff/${member.id}`, { role: 'operator' })).body.role).toBe('operator');
    expect(await behind(session)).toMatchObject({ role: 'operator' });
  });

  test('disabling ends every session at once, and enabling restores none', async () => {
    const member = await added();
    const session = await loggedIn(member.id);
    expect((await call('PATCH', `/v1/staff/${member.id}`, { enabled: false })).body.enabled).toBe(false);
    expect(await behind(session)).toBeNull();
    await call('PATCH', `/v1/staff/${member.id}`, { enabled: true });
    expect(await behind(session)).toBeNull();
  });

  test('a reset ends every session, and a login that checked the old password opens none', async () => {
    const member = await added();
    const session = await loggedIn(member.id);
    const account = await findStaffAccount(api.db.sql, member.email);
    const { status, body } = await call('POST', `/v1/staff/${member.id}/reset-password`);
    expect(status).toBe(200);
    expect(body.one_time_password).not.toBe(member.one_time_password);
    expect(await behind(session)).toBeNull();
    const late = { tokenHash: Buffer.from('late'), staffId: member.id, hours: 1, replaces: null };
    expect(await openStaffSession(api.db.sql, { ...late, passwordHash: account!.passwordHash })).toBe(false);
  });

  test('a login in progress during a reset leaves no session', async () => {
    const member = await added();
    const account = await findStaffAccount(api.db.sql, member.email);
    const tokenHash = Buffer.from('under way');
    let reset: ReturnType<typeof call>;
    await api.db.sql.begin(async (tx) => {
      const login = { tokenHash, staffId: member.id, hours: 1, replaces: null };
      await openStaffSession(tx as never, { ...login, passwordHash: account!.passwordHash });
      reset = call('POST', `/v1/staff/${member.id}/reset-password`);
      // It waits for the login's transaction; a reset that looked for sessions first would have found none.
      await until('the reset to wait', async () => {
        const [row] = await api.db.sql`
          select count(*)::int as waiting from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%update staff set password_hash%'
            and pid <> pg_backend_pid() and datname = current_database()`;
        return row!.waiting === 1;
      });
    });
    expect((await reset!).status).toBe(200);
    expect(await behind(tokenHash)).toBeNull();
  });

  test('the last admin who can log in is kept; of two disabled concurrently one is kept', async () => {
    const [one, two] = [await added('admin'), await added('admin')];
    const disabled = await Promise.all(
      [one, two].map(({ id }) => call('PATCH', `/v1/staff/${id}`, { enabled: false })),
    );
    expect(disabled.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = disabled[0]!.status === 409 ? one : two;
    expect((await call('PATCH', `/v1/staff/${left.id}`, { role: 'viewer' })).body.code).toBe('invalid_state');
  });

  test('roles list their scopes', async () => {
    const { body } = await call('GET', '/v1/roles');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['admin', 'operator', 'viewer']);
    expect(body.data.at(-1).permissions).toEqual([]);
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
