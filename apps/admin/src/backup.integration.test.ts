import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@carillon/db/migrate';
import { databaseReadiness } from '@carillon/db/readiness';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyDatabase, type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { insertApp, insertNotification } from '../../../test/support/rows.ts';
import { until } from '../../../test/support/until.ts';
import { runAdmin } from './run-admin.ts';

const ADMIN = path.join(import.meta.dirname, 'main.ts');

const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const OTHER_KEYS = `k1:${randomBytes(32).toString('base64')}`;

let database: TestDatabase;
let sql: Sql;
let appId: string;
let to: string;
let open: TestDatabase[] = [];

beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  await sql`update installation set id = ${randomUUID()}`;
  appId = await insertApp(sql);
});
beforeEach(() => {
  to = mkdtempSync(path.join(tmpdir(), 'carillon-backup-'));
  return async () => {
    rmSync(to, { recursive: true, force: true });
    for (const each of open) await each.drop();
    open = [];
  };
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

async function run(line: string[], url = database.url, keys = KEYS) {
  let out = '';
  let err = '';
  const code = await runAdmin([...line, '--json'], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: (async function* () {})(),
    isInteractive: true,
    env: { DATABASE_URL: url, ENCRYPTION_KEYS: keys },
    actor: 'carillon-admin (ops@test-host)',
  });
  return { code, err, json: out === '' ? null : JSON.parse(out) };
}

async function backup(...more: string[]): Promise<string> {
  const { code, err, json } = await run(['backup', '--to', to, ...more]);
  if (code !== 0) throw new Error(err);
  return json.dir;
}

async function empty(): Promise<TestDatabase> {
  const made = await emptyDatabase();
  open.push(made);
  return made;
}

/** The rows of all tables, as text. */
async function contents(of: Sql, except: string[]): Promise<Record<string, string[]>> {
  const tables = await of<{ name: string }[]>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> all (${except}) order by 1`;
  const found: Record<string, string[]> = {};
  for (const { name } of tables)
    found[name] = (await of`select t::text as row from ${of(name)} t order by 1`).map(({ row }) => row);
  return found;
}

describe('a backup', () => {
  test('is restored into an empty database row by row, and only what the restore itself says differs', async () => {
    await insertNotification(sql, { appId, state: 'failed' });
    await sql`
      insert into audit_log (actor, action, subject, detail) values ('a', 'b', ${'tab\there\nline \\ "quoted"'}, '{"a": [1, null]}')`;
    const dir = await backup();
    const target = await empty();
    const { code, err, json } = await run(['restore', 'load', dir], target.url);
    expect(err).not.toContain('Error');
    expect(code).toBe(0);
    expect(json).toMatchObject({ suspects: 0, untouched: 0 });
    const restored = postgres(target.url, { max: 1 });
    const changed = ['installation', 'audit_log'];
    expect(await contents(restored, changed)).toEqual(await contents(sql, changed));
    const [before, after] = [await contents(sql, []), await contents(restored, [])];
    expect(after.audit_log!.filter((row) => !before.audit_log!.includes(row))).toHaveLength(1);
    // Identity columns go on where they were.
    await expect(insertNotification(restored, { appId })).resolves.toBeTruthy();
    await restored`insert into audit_log (actor, action, subject) values ('a', 'b', 'c')`;
    await restored.end();
  });

  test('is complete under its name, readable by its owner alone, and the newest of --keep stay', async () => {
    const first = await backup();
    const second = await backup('--keep', '2');
    const third = await backup('--keep', '2');
    expect(readdirSync(to).sort()).toEqual([second, third].map((dir) => path.basename(dir)));
    expect(existsSync(first)).toBe(false);
    expect(statSync(third).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(third)) expect(statSync(path.join(third, file)).mode & 0o777).toBe(0o600);
  });

  test('removes what a backup that was killed a week ago has left, and not one under way', async () => {
    for (const name of ['.partial-old', '.partial-new']) mkdirSync(path.join(to, name));
    const old = new Date(Date.now() - 8 * 86_400_000);
    utimesSync(path.join(to, '.partial-old'), old, old);
    const dir = await backup();
    expect(readdirSync(to).sort()).toEqual(['.partial-new', path.basename(dir)]);
  });

  test('that cannot be written leaves nothing and names the directory', async () => {
    writeFileSync(path.join(to, 'file'), '');
    const { code, json } = await run(['backup', '--to', path.join(to, 'file')]);
    expect(code).toBe(1);
    expect(json.error).toMatchObject({ code: 'files' });
    expect(json.error.detail).toContain(path.join(to, 'file'));
    expect(readdirSync(to)).toEqual(['file']);
  });
});

describe('a restore is refused', () => {
  const refused = async (dir: string, url: string, keys?: string) => {
    const { code, json } = await run(['restore', 'load', dir], url, keys);
    expect(code).toBe(1);
    return json.error as { code: string; detail: string };
  };

  test('into a database that is not empty: this installation, or another one', async () => {
    const dir = await backup();
    expect(await refused(dir, database.url)).toMatchObject({ code: 'not_empty' });
    const other = await testDatabase();
    open.push(other);
    const error = await refused(dir, other.url);
    expect(error).toMatchObject({ code: 'other_installation' });
    expect(error.detail).toContain('createdb');
  });

  test('a second time into the same database', async () => {
    const dir = await backup();
    const target = await empty();
    expect((await run(['restore', 'load', dir], target.url)).code).toBe(0);
    expect(await refused(dir, target.url)).toMatchObject({ code: 'not_empty' });
  });

  test('of a newer schema, and of a file that was altered, before the database is touched', async () => {
    const dir = await backup();
    const manifest = path.join(dir, 'manifest.json');
    const text = readFileSync(manifest, 'utf8');
    const target = await empty();
    const newer = JSON.parse(text);
    newer.migrations.push('9999_of_tomorrow');
    writeFileSync(manifest, JSON.stringify(newer));
    const error = await refused(dir, target.url);
    expect(error).toMatchObject({ code: 'newer_schema' });
    expect(error.detail).toContain('9999_of_tomorrow');
    writeFileSync(manifest, text);
    const apps = path.join(dir, 'apps.copy.gz');
    const bytes = readFileSync(apps);
    writeFileSync(apps, bytes.fill(0, bytes.length - 4));
    expect(await refused(dir, target.url)).toMatchObject({ code: 'damaged_backup' });
    rmSync(manifest);
    expect(await refused(dir, target.url)).toMatchObject({ code: 'not_a_backup' });
    const check = postgres(target.url, { max: 1 });
    expect(await check`select from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
    await check.end();
  });

  test('with keys that do not open its secrets, and leaves the database empty', async () => {
    const account = JSON.stringify({
      ...{ provider: 'resend', environments: ['live'], from: 'Acme <a@example.com>' },
      credentials: { api_key: 're_secret' },
    });
    const file = path.join(to, 'account.json');
    writeFileSync(file, account);
    const put = await run(['provider', 'add', 'mail', '--file', file]);
    expect(put.code).toBe(0);
    const dir = await backup();
    const target = await empty();
    const error = await refused(dir, target.url, OTHER_KEYS);
    expect(error).toMatchObject({ code: 'other_keys' });
    expect(error.detail).toContain('ENCRYPTION_KEYS');
    expect((await run(['restore', 'load', dir], target.url)).code).toBe(0);
  });

  test('half-way leaves a database that no migration and no program takes for a new one, and it can be run again', async () => {
    const dir = await backup();
    const target = await empty();
    const check = postgres(target.url, { max: 1, onnotice: () => {} });
    // It waits there for a lock that this session has: so it is half-way for certain.
    await check.unsafe(`
      create function stay_half_way() returns event_trigger language plpgsql as $$
        begin
          if to_regclass('public.outbox') is not null then perform pg_advisory_xact_lock(42); end if;
        end $$;
      create event trigger stay_half_way on ddl_command_end when tag in ('CREATE INDEX') execute function stay_half_way();
      select pg_advisory_lock(42)`);
    const killed = spawn(process.execPath, [ADMIN, 'restore', 'load', dir], {
      env: { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: target.url, ENCRYPTION_KEYS: KEYS },
      stdio: 'ignore',
    });
    const ended = once(killed, 'exit');
    // Its one transaction is open: the mark is there, and it works on tables that nobody else sees.
    await until(
      'the restore to be half-way',
      async () => {
        const waiting = await check`
          select from pg_locks where locktype = 'advisory' and objid = 42 and not granted`;
        return waiting.length > 0;
      },
      { timeoutMs: 60_000 },
    );
    killed.kill('SIGKILL');
    await ended;
    await check.unsafe(
      'select pg_advisory_unlock(42); drop event trigger stay_half_way; drop function stay_half_way',
    );
    await until('its session to end', async () => {
      const rows =
        await check`select from pg_stat_activity where datname = current_database() and application_name = 'carillon-admin'`;
      return rows.length === 0;
    });
    expect(
      await check`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    ).toMatchObject([{ relname: 'carillon_restore' }]);
    await expect(migrate(target.url)).rejects.toThrow(/restore load DIR/);
    const readiness = databaseReadiness(
      { sql: check, look: async () => ({ state: 'ok', error: null }) },
      { url: target.url, pooler: null },
    );
    expect((await readiness(5000)).trouble?.problem).toMatchObject({ code: 'unfinished_restore' });
    const doctor = await run(['doctor', '--skip-providers'], target.url);
    expect(doctor.json.findings).toContainEqual(
      expect.objectContaining({ check: 'migrations', level: 'error', remedy: expect.stringContaining(dir) }),
    );
    await check.end();
    expect((await run(['restore', 'load', dir], target.url)).code).toBe(0);
    await expect(migrate(target.url)).resolves.toBeUndefined();
  });

  test('while a program is connected to the database', async () => {
    const dir = await backup();
    const target = await empty();
    const program = postgres(target.url, {
      max: 1,
      connection: { application_name: 'carillon-worker-normal' },
    });
    await program`select 1`;
    const error = await refused(dir, target.url);
    await program.end();
    expect(error).toMatchObject({ code: 'programs_connected' });
    expect(error.detail).toContain('carillon-worker-normal');
    expect((await run(['restore', 'load', dir], target.url)).code).toBe(0);
  });
});

describe('a database that another tool has restored', () => {
  let copy: TestDatabase;
  let restored: Sql;
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const mark = (time: string) => run(['restore', 'mark', '--recovered-to', time], copy.url);
  const code = async (...line: string[]) => (await run(['restore', ...line], copy.url)).json.error?.code;

  beforeEach(async () => {
    copy = await testDatabase();
    restored = postgres(copy.url, { max: 1, onnotice: () => {} });
    return async () => {
      await restored.end();
      await copy.drop();
    };
  });

  test('is marked once: what was open is in doubt since the moment of the data, and people are logged out', async () => {
    const app = await insertApp(restored);
    const id = await insertNotification(restored, { appId: app });
    await restored`update notifications set created_at = now() - interval '2 h', updated_at = now() - interval '2 h'`;
    await restored`insert into redis_epoch (namespace, epoch) values ('cln', 'before')`;
    const moment = at(-3_600_000);
    const { json } = await mark(moment);
    expect(json).toMatchObject({ suspects: 1, untouched: 0 });
    // The newest record is older than the moment that was given: more may be unknown.
    expect(Date.parse(moment) - Date.parse(json.restored_to)).toBeGreaterThan(3_500_000);
    const [attempt] = await restored`select * from delivery_attempts where notification_id = ${id}`;
    expect(attempt).toMatchObject({ n: 1, outcome: 'in_doubt', error_code: 'restored' });
    expect(attempt!.started_at.toISOString()).toBe(json.restored_to);
    expect(await restored`select from outbox`).toHaveLength(0);
    expect(await restored`select epoch from redis_epoch`).toEqual([{ epoch: 'restored' }]);
    const audited = await restored`select actor from audit_log where action = 'installation.restore'`;
    expect(audited).toEqual([{ actor: 'carillon-admin (ops@test-host)' }]);
    expect((await mark(at(-1000))).json.error).toMatchObject({ code: 'under_review' });
  });

  test('is not marked to a moment that cannot be: in the future, or older than its records', async () => {
    const app = await insertApp(restored);
    await insertNotification(restored, { appId: app });
    for (const ms of [60_000, -3_600_000])
      expect((await mark(at(ms))).json.error).toMatchObject({ code: 'wrong_moment' });
    expect((await run(['restore', 'mark', '--recovered-to', 'yesterday'], copy.url)).code).toBe(2);
  });

  test('is released only after a person has looked, once', async () => {
    for (const verb of ['review', 'release']) expect(await code(verb)).toBe('not_restored');
    expect((await mark(at(0))).code).toBe(0);
    expect(await code('release')).toBe('not_reviewed');
    const doctor = async () => (await run(['doctor', '--skip-providers'], copy.url)).json.findings;
    expect(await doctor()).toContainEqual(expect.objectContaining({ check: 'restore', level: 'warning' }));
    expect((await run(['restore', 'review'], copy.url)).json).toMatchObject({ released_at: null });
    expect((await run(['restore', 'release'], copy.url)).code).toBe(0);
    expect(await code('release')).toBe('already_restored');
    expect(await doctor()).toContainEqual(expect.objectContaining({ check: 'restore', level: 'ok' }));
    const [row] = await restored`select released_by from installation`;
    expect(row).toEqual({ released_by: 'carillon-admin (ops@test-host)' });
  });

  test('has its doubts settled all at once, as a person says, each in its timeline', async () => {
    const app = await insertApp(restored);
    const [mail, text] = [
      await insertNotification(restored, { appId: app }),
      await insertNotification(restored, { appId: app, channel: 'sms', priority: 'bulk' }),
    ];
    await mark(at(0));
    // As the resolver leaves them where nothing can be asked.
    await restored`update notifications set next_attempt_at = null, provider = 'smtp'`;
    expect(
      (await run(['restore', 'settle', '--as', 'sent', '--channel', 'sms'], copy.url)).json,
    ).toMatchObject({ settled: 1, left: 0 });
    expect((await run(['restore', 'settle', '--as', 'again'], copy.url)).json).toMatchObject({ settled: 1 });
    const states = await restored`select id, state from notifications`;
    expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
      new Map([
        [mail, 'pending'],
        [text, 'sent'],
      ]),
    );
    const { json } = await run(['restore', 'review'], copy.url);
    expect(json.known).toMatchObject({ settled_by_person: 2, waits_for_person: 0 });
    expect(await restored`select from notification_history where actor like 'carillon-admin%'`).toHaveLength(
      2,
    );
    expect((await run(['restore', 'settle', '--as', 'maybe'], copy.url)).code).toBe(2);
  });
});
