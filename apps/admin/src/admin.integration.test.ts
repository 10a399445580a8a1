import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseApiKey } from '@carillon/core/access/api-key';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { lockInstallation } from '@carillon/db/apps/apps';
import { openDatabase } from '@carillon/db/connection/client';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { secretsOf } from '@carillon/providers/accounts/account-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { until } from '../../../test/support/until.ts';
import { runAdmin } from './run-admin.ts';

const ACTOR = 'carillon-admin (ops@test-host)';
const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const CREDENTIAL = 're_credential_that_stays_hidden';

let database: TestDatabase;
let empty: TestDatabase;
let api: ApiUnderTest;
let dir: string;

beforeAll(async () => {
  [database, empty] = [await testDatabase(), await testDatabase()];
  api = await apiUnderTest(database.url);
  // The objects that API tests use are not part of a new installation.
  await api.db.sql`delete from api_keys`;
  await api.db.sql`delete from apps`;
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-admin-'));
});
afterAll(async () => {
  await api.close();
  await database.drop();
  await empty.drop();
  rmSync(dir, { recursive: true });
});

interface Ended {
  code: number;
  out: string;
  err: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect untyped answers
  json: any;
}

async function run(
  line: string[],
  { env = {}, stdin }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await runAdmin(line, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: (async function* () {
      yield Buffer.from(stdin ?? '');
    })(),
    isInteractive: stdin === undefined,
    env: { DATABASE_URL: database.url, ENCRYPTION_KEYS: KEYS, ...env },
    actor: ACTOR,
  });
  return { code, out, err, json: line.includes('--json') && out !== '' ? JSON.parse(out) : null };
}
const send = (key: string) =>
  api.request(
    'POST',
    '/v1/notifications',
    { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } },
    { key },
  );
const actions = async (subject: string) =>
  await api.db.sql<{ action: string; actor: string }[]>`
    select action, actor from audit_log where subject = ${subject} order by id`;

describe('init', () => {
  let made: Ended;

  test('creates an app, an owner and two working keys, and prints their secrets once', async () => {
    made = await run(['init', '--app', 'Shop', '--owner', 'ada@acme.example']);
    expect(made.code).toBe(0);
    const [live, test_] = [...made.out.matchAll(/cln_(?:live|test)_\w+/g)].map(([text]) => text);
    expect((await send(live!)).status).toBe(202);
    expect((await send(test_!)).status).toBe(202);
    expect((await api.request('GET', '/v1/apps', undefined, { key: live! })).body.data).toMatchObject([
      { name: 'Shop' },
    ]);
    const link = /choose-password\?token=([\w-]{32})/.exec(made.out)![1]!;
    const [owner] = await api.db.sql`
      select email, (select jsonb_agg(role) from staff_roles r where r.staff_id = staff.id) as roles from staff`;
    expect(owner).toEqual({ email: 'ada@acme.example', roles: ['owner'] });
    for (const secret of [live!, test_!, link]) expect(made.out.split(secret)).toHaveLength(2);
  });

  test('prints the database, without its password', async () => {
    const { username, password, port, pathname } = new URL(database.url);
    expect(username).not.toBe('');
    expect(made.err).toContain(`${pathname.slice(1)} on 127.0.0.1:${port}`);
    if (password !== '') expect(made.err + made.out).not.toContain(password);
  });

  test('a second time is refused, names what exists and changes nothing', async () => {
    const count = () => api.db.sql`select count(*)::int as rows from audit_log`;
    const before = await count();
    const again = await run(['init', '--app', 'Other', '--owner', 'bo@acme.example']);
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toContain('the app "Shop"');
    expect(again.err).toContain('ada@acme.example');
    expect(await count()).toEqual(before);
  });

  test('run twice concurrently creates one installation', async () => {
    const env = { DATABASE_URL: empty.url };
    const db = openDatabase({ url: empty.url, name: 'holds the lock', connections: 2 });
    let both: Promise<Ended[]> = Promise.resolve([]);
    await db.sql.begin(async (tx) => {
      await lockInstallation(tx);
      both = Promise.all(
        [1, 2].map((n) => run(['init', '--app', `A${n}`, '--owner', `a${n}@acme.example`], { env })),
      );
      // Both have reached this point before either has created anything.
      await until('both to wait', async () => {
        const [row] = await db.sql`
          select count(*)::int as waiting from pg_stat_activity
          where application_name = 'carillon-admin' and wait_event_type = 'Lock' and datname = current_database()`;
        return row!.waiting === 2;
      });
    });
    const codes = (await both).map(({ code }) => code);
    await db.close();
    expect(codes.sort()).toEqual([0, 1]);
  });

  test('is audited with the user who ran it', async () => {
    const rows = await api.db.sql<
      { action: string; actor: string }[]
    >`select action, actor from audit_log order by id`;
    expect(rows.map(({ action }) => action)).toEqual([
      'app.add',
      'staff.add',
      'api_key.create',
      'api_key.create',
    ]);
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set([ACTOR]));
  });

  test('with an invalid address or name stores nothing', async () => {
    const clean = await testDatabase();
    const env = { DATABASE_URL: clean.url };
    expect((await run(['init', '--app', 'Shop', '--owner', 'no-address'], { env })).code).toBe(1);
    expect((await run(['init', '--app', ' ', '--owner', 'ada@acme.example'], { env })).code).toBe(1);
    expect((await run(['init', '--app', 'Shop'], { env })).code).toBe(2);
    expect((await run(['app', 'list', '--json'], { env })).json.data).toEqual([]);
    await clean.drop();
  });
});

describe('key', () => {
  const create = (...more: string[]) =>
    run(['key', 'create', '--environment', 'live', '--name', 'Till', '--json', ...more]);

  test('create prints a key with the given scopes and expiry', async () => {
    const { code, json } = await create(
      '--scope',
      'notifications:write,notifications:read',
      '--expires',
      '90d',
    );
    expect(code).toBe(0);
    expect(json).toMatchObject({
      environment: 'live',
      scopes: ['notifications:write', 'notifications:read'],
    });
    expect(parseApiKey(json.key)).not.toBeNull();
    expect((await send(json.key)).status).toBe(202);
    const days = (Date.parse(json.expires_at) - Date.parse(json.created_at)) / 86_400_000;
    expect(Math.round(days)).toBe(90);
  });

  test('create --installation creates one that may add apps and staff; without it no key may', async () => {
    const plain = (await create('--scope', 'admin')).json.key;
    const whole = (await create('--installation')).json.key;
    expect((await api.request('GET', '/v1/staff', undefined, { key: plain })).status).toBe(403);
    expect((await api.request('GET', '/v1/staff', undefined, { key: whole })).status).toBe(200);
    const test_ = await run(['key', 'create', '--environment', 'test', '--name', 'T', '--installation']);
    expect(test_.code).toBe(1);
  });

  test('rotate and revoke change what works, list shows it, and nothing is shown twice', async () => {
    const old = (await create('--scope', 'notifications:write')).json;
    const { json: next } = await run(['key', 'rotate', old.id, '--overlap', '1h', '--json']);
    expect(next.replaces).toMatchObject({ id: old.id, state: 'active' });
    expect((await send(next.key)).status).toBe(202);
    expect((await run(['key', 'revoke', next.id])).code).toBe(0);
    const { out, json } = await run(['key', 'list', '--json']);
    const states = Object.fromEntries(
      json.data.map(({ id, state }: { id: string; state: string }) => [id, state]),
    );
    expect(states).toMatchObject({ [old.id]: 'active', [next.id]: 'revoked' });
    for (const { key } of [old, next]) expect(out).not.toContain(parseApiKey(key)!.secret);
    expect(await actions(`api_key:${next.id}`)).toEqual([
      { action: 'api_key.rotate', actor: ACTOR },
      { action: 'api_key.revoke', actor: ACTOR },
    ]);
  });

  test('an unknown key is reported in one sentence with the remedy', async () => {
    const { code, out, err } = await run(['key', 'revoke', '000000000000']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('There is no API key "000000000000"');
    expect(err).toContain('carillon-admin key list');
  });

  test('where there are several apps the app is named, by name or id', async () => {
    expect((await run(['app', 'add', 'Till app', '--json'])).json.name).toBe('Till app');
    expect((await create('--scope', 'admin')).code).toBe(2);
    expect((await create('--scope', 'admin', '--app', 'Till app')).code).toBe(0);
    expect((await run(['app', 'rename', 'Till app', 'Counter'])).code).toBe(0);
    expect((await create('--scope', 'admin', '--app', 'Till app')).code).toBe(1);
    expect((await run(['app', 'list'])).out).toMatch(/Counter\s+UTC/);
    const origins = ['app', 'origins', 'Counter'];
    const allowed = await run([
      ...origins,
      '--allow',
      'https://till.example',
      '--allow',
      'http://localhost:1',
      '--json',
    ]);
    expect(allowed.json.allowed_origins).toEqual(['https://till.example', 'http://localhost:1']);
    expect((await run([...origins, '--allow', 'http://till.example'])).err).toContain('not https');
    expect((await run(origins)).out).toContain('from no web page');
  });
});

describe('staff', () => {
  test('are added, change roles, are disabled, enabled and reset', async () => {
    const added = (await run(['staff', 'add', 'bo@acme.example', '--role', 'viewer', '--json'])).json;
    const reset = (await run(['staff', 'reset', 'BO@acme.example', '--json'])).json;
    expect(reset.link.url).not.toBe(added.link.url);
    for (const [line, expected] of [
      [['role', added.id, 'support'], { roles: [{ role: 'support', app_id: null, environment: null }] }],
      [['disable', added.id], { enabled: false }],
      [['enable', 'bo@acme.example'], { enabled: true }],
    ] as const)
      expect((await run(['staff', ...line, '--json'])).json).toMatchObject(expected);
    expect((await run(['staff', 'list'])).out).toMatch(/bo@acme\.example\s+support\s+enabled/);
    expect((await actions(`staff:${added.id}`)).map(({ action }) => action)).toEqual([
      'staff.add',
      'staff.reset',
      'staff.roles',
      'staff.disable',
      'staff.enable',
    ]);
  });

  test('the only owner cannot be disabled', async () => {
    const { code, err } = await run(['staff', 'disable', 'ada@acme.example']);
    expect(code).toBe(1);
    expect(err).toContain('the only owner');
  });
});

describe('provider', () => {
  const account = {
    provider: 'resend',
    environments: ['live'],
    from: 'Acme <hello@acme.example>',
    base_url: 'http://127.0.0.1:9',
    credentials: { api_key: CREDENTIAL },
  };

  test('add reads the account from standard input or a file, encrypts it and shows no credential', async () => {
    const piped = await run(['provider', 'add', 'one', '--file', '-', '--json'], {
      stdin: JSON.stringify(account),
    });
    expect(piped.code).toBe(0);
    const file = path.join(dir, 'account.json');
    writeFileSync(file, JSON.stringify(account));
    const read = await run(['provider', 'add', 'two', '--file', file, '--disabled']);
    expect(read.code).toBe(0);
    const ring = parseKeyRing(KEYS);
    if ('problem' in ring) throw new Error(ring.problem);
    const row = await findProviderAccount(api.db.sql, 'one');
    expect(secretsOf(ring, row!)).toMatchObject({ credentials: { apiKey: CREDENTIAL } });
    const { json } = await run(['provider', 'list', '--json']);
    expect(json.data.map(({ id, enabled }: { id: string; enabled: boolean }) => [id, enabled])).toEqual([
      ['one', true],
      ['two', false],
    ]);
    expect([piped.out, read.out, JSON.stringify(json)].join()).not.toContain(CREDENTIAL);
    expect((await actions('provider_account:one'))[0]).toEqual({
      action: 'provider_account.put',
      actor: ACTOR,
    });
  });

  test('add does not change an existing account, unless --replace is given', async () => {
    const stdin = JSON.stringify({ ...account, from: 'other@acme.example', credentials: undefined });
    const refused = await run(['provider', 'add', 'one', '--file', '-'], { stdin });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('--replace');
    const done = await run(['provider', 'add', 'one', '--file', '-', '--replace', '--json'], { stdin });
    expect(done.json.settings.from).toBe('other@acme.example');
  });

  test('add reports the problems of an account by field, and never quotes a credential', async () => {
    for (const stdin of [
      JSON.stringify({ ...account, credentials: { api_key: CREDENTIAL, more: CREDENTIAL } }),
      JSON.stringify(account).slice(0, -2),
      JSON.stringify([account]),
    ]) {
      const { code, out, err } = await run(['provider', 'add', 'bad', '--file', '-', '--json'], { stdin });
      expect(code).toBe(1);
      expect(out + err).not.toContain(CREDENTIAL);
    }
  });

  test('add and verify need the keys of the installation, never the well-known default', async () => {
    for (const line of [
      ['add', 'three', '--file', '-'],
      ['verify', 'one'],
    ]) {
      const { code, err } = await run(['provider', ...line], { env: { ENCRYPTION_KEYS: '' }, stdin: '{}' });
      expect([code, err]).toEqual([2, expect.stringContaining('ENCRYPTION_KEYS is not set')]);
    }
  });

  test('verify reports whether the provider accepts the credentials, also by its exit code', async () => {
    const unasked = await run(['provider', 'verify', 'one', '--json']);
    expect([unasked.code, unasked.json.healthy]).toEqual([1, false]);
    expect((await run(['provider', 'verify', 'nothing'])).code).toBe(1);
  });
});

describe('an error', () => {
  test('is one sentence with the remedy and an exit code of its own', async () => {
    const closed = await run(['app', 'list'], { env: { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' } });
    expect([closed.code, closed.err]).toEqual([3, expect.stringContaining('Look at DATABASE_URL')]);
    expect((await run(['app', 'list'], { env: { DATABASE_URL: '' } })).code).toBe(2);
    expect((await run(['app', 'lits'])).err).toContain('add, list, rename, origins');
    expect((await run(['nothing'])).code).toBe(2);
    expect((await run(['--help'])).code).toBe(0);
    expect((await run(['staff', 'role', '--help'])).out).toContain('carillon-admin staff role WHO ROLE');
  });

  test('is an object too with --json', async () => {
    const { json, code } = await run(['key', 'revoke', '000000000000', '--json']);
    expect([code, json.error.code]).toEqual([1, 'not_found']);
  });
});
