import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { libraryPath, unpackFromApt } from '@carillon/local/apt-package';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { cacheDir } from '@carillon/local/layout';
import { freePort } from '@carillon/local/ports';
import { reachableDir } from '@carillon/local/postgres';
import { serverAccount } from '@carillon/local/postgres-binaries';
import { until } from './until.ts';

/** A real PgBouncer in front of a PostgreSQL, on the loopback. https://www.pgbouncer.org/config.html */
export interface Pooler {
  port: number;
  /** The same database, through the pooler. */
  through(url: string): string;
  /** What it has logged. */
  log(): string;
  /** Gives it other settings and has it read them. */
  reload(settings: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

/** Whether this machine has one, and why not. */
export type FoundPooler = { program: string; libraries: string } | { missing: string };

/** Of the machine, or else Debian's package, unpacked once without installing anything. */
export function findPooler(): FoundPooler {
  const own = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'].find((file) =>
    existsSync(file),
  );
  if (own) return { program: own, libraries: '' };
  const wanted = { name: 'pgbouncer', dependencies: true, title: 'PgBouncer' };
  const root = unpackFromApt(cacheDir, 'pgbouncer', wanted, () => {});
  if (root === null)
    return { missing: 'no pgbouncer, and no apt-get that brings one: install the package pgbouncer' };
  const libraries = libraryPath(root);
  const program = path.join(root, 'usr/sbin/pgbouncer');
  const { status, stderr } = spawnSync(program, ['--version'], { env: { LD_LIBRARY_PATH: libraries } });
  return status === 0 ? { program, libraries } : { missing: `pgbouncer does not run here: ${stderr}` };
}

export interface PoolerOptions {
  /** The PostgreSQL behind it: any database of it, with user and password. */
  server: string;
  /** More settings, or others, of the section `pgbouncer`. */
  settings?: Readonly<Record<string, string>>;
}

export async function startPooler(
  found: Exclude<FoundPooler, { missing: string }>,
  { server, settings = {} }: PoolerOptions,
): Promise<Pooler> {
  const { hostname, port: serverPort, username, password } = new URL(server);
  const dir = mkdtempSync(path.join(reachableDir(tmpdir(), '/var/tmp'), 'carillon-pooler-'));
  chmodSync(dir, 0o755);
  // It refuses to be root, and the other account may not enter the checkout.
  const account = serverAccount();
  const program = path.join(dir, 'pgbouncer');
  cpSync(found.program, program);
  const libraries = found.libraries
    .split(':')
    .filter(Boolean)
    .map((from, n) => {
      const to = path.join(dir, `lib${n}`);
      cpSync(from, to, { recursive: true, verbatimSymlinks: true });
      return to;
    });
  const port = await freePort();
  const ini = path.join(dir, 'pgbouncer.ini');
  const users = path.join(dir, 'users.txt');
  const quoted = (text: string) => `"${decodeURIComponent(text).replaceAll('"', '""')}"`;
  writeFileSync(users, `${quoted(username)} ${quoted(password)}\n`);
  const configure = (more: Readonly<Record<string, string>>): void => {
    const all = {
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: users,
      pool_mode: 'transaction',
      max_client_conn: '500',
      default_pool_size: '20',
      log_connections: '0',
      log_disconnections: '0',
      ...settings,
      ...more,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
    writeFileSync(
      ini,
      ['[databases]', `* = host=${hostname} port=${serverPort}`, '[pgbouncer]', ...lines, ''].join('\n'),
    );
  };
  configure({});
  const child = spawn(program, [ini], {
    ...account,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: libraries.join(':') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const takeBack = deadManSwitch('kill -TERM "$0"', String(child.pid));
  child.once('exit', takeBack);
  try {
    await until('PgBouncer to listen', () => {
      if (child.exitCode !== null) throw new Error(`PgBouncer ended: ${log}`);
      return answers(port);
    });
  } catch (error) {
    throw new Error(`PgBouncer did not start: ${log}`, { cause: error });
  }
  return {
    port,
    through(url) {
      const led = new URL(url);
      led.hostname = '127.0.0.1';
      led.port = String(port);
      return led.href;
    },
    log: () => log,
    reload(more) {
      configure(more);
      child.kill('SIGHUP');
    },
    async stop() {
      await ended(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  // At once: SIGINT would wait for its clients.
  child.kill('SIGTERM');
  await end;
}
