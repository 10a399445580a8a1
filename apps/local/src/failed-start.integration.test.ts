import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { freePort, isFree } from './ports.ts';
import { installCommand } from './redis-binary.ts';

/** Any failure while `npm start` comes up: it prints the reason, exits 1, and leaves no process. */
vi.setConfig({ testTimeout: 180_000 });

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-failed-'));
  // Under root the database has a separate account, which needs access.
  chmodSync(dir, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function failedStart(env: Record<string, string>, ...options: string[]) {
  const script = path.join(import.meta.dirname, 'start.ts');
  const { DATABASE_URL: _, REDIS_URL: __, ...rest } = process.env;
  const child = spawn(process.execPath, [script, '--data', dir, '--quiet', ...options], {
    env: { ...rest, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said, left: processesOf(dir) };
}

/** Command lines of processes that contain a directory. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(directory) && !line.startsWith('/bin/sh'));
}

test('a port that is taken', async () => {
  let base = await freePort();
  while (base > 32_000 || !(await isFree(base + 1))) base = await freePort();
  const holder = createServer().listen(base + 1, '127.0.0.1');
  await once(holder, 'listening');
  const { code, said, left } = await failedStart({}, '--port-base', String(base));
  holder.close();
  expect(said).toContain(
    `could not start: port ${base + 1} for dashboard is taken; end what listens there or choose another --port-base`,
  );
  expect([code, left]).toEqual([1, []]);
});

test('a Redis that does not start, while PostgreSQL comes up', async () => {
  const broken = path.join(dir, 'valkey-server');
  const version = '[ "$1" = --version ] && echo "v=8.0.0" && exit 0';
  writeFileSync(broken, `#!/bin/sh\n${version}\necho "broken as it can be"\nexit 1\n`);
  chmodSync(broken, 0o755);
  const { code, said, left } = await failedStart({ PATH: `${dir}:${process.env.PATH}` });
  expect(said).toMatch(/could not start: Redis did not start on port \d+.*\nbroken as it can be/);
  expect([code, left]).toEqual([1, []]);
});

test('a migration that fails', async () => {
  const database = await testDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  await sql`delete from drizzle.__drizzle_migrations`;
  await sql.end();
  const { code, said, left } = await failedStart({ DATABASE_URL: database.url });
  await database.drop();
  expect(said).toMatch(/could not start: .*already exists/s);
  expect(said).not.toMatch(/^\s+at /m);
  expect([code, left]).toEqual([1, []]);
});

test('a database that does not exist', async () => {
  const { code, said, left } = await failedStart({ DATABASE_URL: 'postgres://u:secret-word@127.0.0.1:1/x' });
  expect(said).toContain('could not start: PostgreSQL at 127.0.0.1:1 refuses connections: start it, or');
  expect(said).toContain('Without DATABASE_URL, npm start brings its own PostgreSQL.');
  expect(said).not.toContain('secret-word');
  expect([code, left]).toEqual([1, []]);
});

test.each([
  ['brew', 'brew install valkey'],
  ['dnf', 'dnf install valkey'],
  ['apk', 'apk add valkey'],
  ['pacman', 'pacman -S valkey'],
  ['zypper', 'zypper install redis'],
])('where there is %s and no Redis, the remedy is its command', (manager, command) => {
  writeFileSync(path.join(dir, manager), '');
  expect(installCommand(dir)).toBe(command);
});
