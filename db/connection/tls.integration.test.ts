import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { explainFailure } from '@carillon/core/program/explain-failure';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTlsPostgres, type TlsPostgres } from '../../test/support/postgres-with-tls.ts';
import { startProgram } from '../../test/support/program.ts';
import { until } from '../../test/support/until.ts';
import { withMaintenanceConnection } from '../backup/connect.ts';
import { openDatabase } from './client.ts';
import { openSession } from './session.ts';

let server: TlsPostgres;
let dir: string;

beforeAll(async () => {
  server = await startTlsPostgres();
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-tls-files-'));
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** @param host another way to write the same address: the certificate holds `localhost` and 127.0.0.1. */
function urlWith(words: Record<string, string>, host = '127.0.0.1', database = 'postgres'): string {
  const url = new URL(server.url);
  url.hostname = host;
  url.pathname = `/${database}`;
  for (const [word, value] of Object.entries(words)) url.searchParams.set(word, value);
  return url.href;
}

const OWN = 'select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()';
/** Whether the connection is encrypted, or why there is none. */
async function encrypted(url: string): Promise<unknown> {
  const session = openSession({ url, name: 'tls test' });
  try {
    const [row] = await session.unsafe(OWN);
    return row!.ssl;
  } catch (error) {
    return explainFailure(error, { what: 'PostgreSQL', setting: 'DATABASE_URL', at: url })?.sentence ?? error;
  } finally {
    await session.end({ timeout: 1 });
  }
}
describe('sslmode against a server with an authority of its own', () => {
  const trusted = () => ({ sslrootcert: server.files.authority });
  const untrusted = /is not trusted: name a file .* in DATABASE_URL, as &sslrootcert=/;

  test('disable is in the clear; prefer, its absence and require are encrypted', async () => {
    expect(await encrypted(urlWith({ sslmode: 'disable' }))).toBe(false);
    for (const words of [{}, { sslmode: 'prefer' }, { sslmode: 'require' }])
      expect(await encrypted(urlWith(words))).toBe(true);
  });

  test('verify-ca and verify-full want the authority', async () => {
    for (const sslmode of ['verify-ca', 'verify-full']) {
      expect(await encrypted(urlWith({ sslmode }))).toMatch(untrusted);
      expect(await encrypted(urlWith({ sslmode, sslrootcert: server.files.otherAuthority }))).toMatch(
        untrusted,
      );
      expect(await encrypted(urlWith({ sslmode, ...trusted() }))).toBe(true);
    }
  });

  test('require checks the authority, as in libpq, once one is named', async () => {
    const sslrootcert = server.files.otherAuthority;
    expect(await encrypted(urlWith({ sslmode: 'require', sslrootcert }))).toMatch(untrusted);
  });

  test('verify-full alone wants the name', async () => {
    // Another way to write the loopback, which the certificate does not hold.
    const elsewhere = '127.1';
    expect(await encrypted(urlWith({ sslmode: 'verify-ca', ...trusted() }, elsewhere))).toBe(true);
    expect(await encrypted(urlWith({ sslmode: 'verify-full', ...trusted() }, elsewhere))).toMatch(
      /^The certificate of PostgreSQL at 127\.1:\d+ is for another name/,
    );
  });

  test('a server without TLS: prefer goes on in the clear, require does not', async () => {
    await server.speakTls(false);
    await until('new connections to be in the clear', async () => (await encrypted(urlWith({}))) === false);
    expect(await encrypted(urlWith({ sslmode: 'require' }))).toMatch(/does not speak TLS.*sslmode=disable/);
    await server.speakTls(true);
    await until('new connections to be encrypted', async () => (await encrypted(urlWith({}))) === true);
  });
});

test('a server that wants a client certificate gets it, and one it does not know is named', async () => {
  const { authority, client, clientKey, otherKey } = server.files;
  const words = { sslmode: 'verify-full', sslrootcert: authority };
  await server.letIn('hostssl all all 127.0.0.1/32 cert');
  try {
    const named = { ...words, sslcert: client, sslkey: clientKey };
    await until('the rule to hold', async () => (await encrypted(urlWith(words))) !== true);
    expect(await encrypted(urlWith(words))).toMatch(/does not let this user in.*client certificate/);
    expect(await encrypted(urlWith(named))).toBe(true);
    const foreign = { ...words, sslcert: path.join(path.dirname(client), 'cert.pem'), sslkey: otherKey };
    expect(await encrypted(urlWith(foreign))).toMatch(/does not accept the client certificate.*ssl_ca_file/);
  } finally {
    await server.letIn('host all all 127.0.0.0/8 scram-sha-256');
    await until('the rule to be gone', async () => (await encrypted(urlWith(words))) === true);
  }
});

test('all connections of a program are encrypted, those of backups and the one that listens too', async () => {
  const url = urlWith({ sslmode: 'verify-full', sslrootcert: server.files.authority });
  const db = openDatabase({ url, name: 'tls program', connections: 2 });
  await db.sql.listen('tls', () => {});
  await Promise.all([db.sql`select 1`, db.kept`select 1`, db.orm.execute('select 1')]);
  await withMaintenanceConnection(url, async (sql) => {
    const rows = await sql<{ name: string; ssl: boolean }[]>`
      select application_name as name, ssl from pg_stat_activity join pg_stat_ssl using (pid)
      where application_name in ('tls program', 'carillon-admin')`;
    expect(rows.length).toBeGreaterThanOrEqual(5);
    expect(rows.filter(({ ssl }) => !ssl)).toEqual([]);
  });
  await db.close();
});

describe('files that cannot be used are named when a program starts', () => {
  const key = () => ({ sslcert: server.files.client, sslkey: server.files.clientKey });
  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'one that is missing',
      () => ({ sslrootcert: '/nowhere/ca.crt' }),
      /names sslrootcert=\/nowhere\/ca\.crt, which cannot be read \(ENOENT\): correct the path/,
    ],
    [
      'one that is no certificate',
      () => ({ sslrootcert: server.files.clientKey }),
      /names sslrootcert=\S+, which holds no certificate: give it as PEM/,
    ],
    [
      'a key without its certificate',
      () => ({ sslkey: server.files.clientKey }),
      /has sslkey=\S+ and no sslcert: name the certificate/,
    ],
    [
      'a key of another certificate',
      () => ({ ...key(), sslkey: server.files.otherKey }),
      /sslkey=\S+, which is not the key of sslcert=\S+: name those that belong together/,
    ],
    [
      'a key that is none',
      () => ({ ...key(), sslkey: path.join(dir, 'none.key') }),
      /sslkey=\S+, which is no private key: give it as PEM/,
    ],
  ])('%s', async (_, words, sentence) => {
    writeFileSync(path.join(dir, 'none.key'), 'no key');
    const program = startProgram('db/migrate.ts', {
      DATABASE_URL: urlWith({ sslmode: 'verify-full', ...words() }),
    });
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(sentence);
    expect(program.output()).not.toMatch(/^\s+at /m);
  });
});

test('a migration by the variables of libpq goes over a connection that is checked', async () => {
  const admin = openSession({ url: urlWith({ sslmode: 'disable' }), name: 'tls test' });
  await admin.unsafe('create database migrated');
  await admin.end();
  const variables = { DATABASE_URL: urlWith({}, 'localhost', 'migrated'), PGSSLMODE: 'verify-full' };
  const without = startProgram('db/migrate.ts', variables);
  expect(await without.exit).toBe(1);
  expect(without.output()).toContain('is not trusted');
  const checked = startProgram('db/migrate.ts', { ...variables, PGSSLROOTCERT: server.files.authority });
  expect(await checked.exit, checked.output()).toBe(0);
});
