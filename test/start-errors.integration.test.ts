import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { startProgram } from './support/program.ts';
import { type TestRedis, testRedis } from './support/redis.ts';
import { untrustedTls } from './support/untrusted-tls.ts';

/** Starting a program takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 180_000 });

/** Every program, started with typical mistakes: one sentence with the remedy, exit 1, no stack trace, no password. */
let database: TestDatabase;
let redis: TestRedis;
let dir: string;
const MIGRATE = 'db/migrate.ts';
const PROGRAMS = {
  api: 'apps/api/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  dashboard: 'apps/dashboard/server/main.ts',
};
const PASSWORD = 'a-password-that-is-wrong';

beforeAll(async () => {
  database = await testDatabase();
  redis = testRedis();
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-start-errors-'));
});
afterAll(async () => {
  await redis.clean();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

/** The URL of the test's database with other parts. */
function databaseUrl(change: (url: URL) => void): string {
  const url = new URL(database.url);
  change(url);
  return url.href;
}

async function startError(script: string, env: Record<string, string>): Promise<string> {
  const program = startProgram(script, env);
  const code = await program.exit;
  const output = program.output().trim();
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain(PASSWORD);
  expect(code, output).toBe(1);
  return output;
}

test.each<[string, (url: URL) => void, RegExp]>([
  [
    'a wrong password',
    (url) => (url.password = PASSWORD),
    /^PostgreSQL at .* refuses the password of the user "\w+": correct it in DATABASE_URL\.$/,
  ],
  [
    'an unknown database',
    (url) => (url.pathname = '/nowhere'),
    /^PostgreSQL at .* has no database "nowhere": create it \("createdb nowhere"\), or .*\.$/,
  ],
  [
    'nothing on the port',
    (url) => (url.port = '1'),
    /^PostgreSQL at .*:1 refuses connections: start it, or .* DATABASE_URL\.$/,
  ],
  [
    'an unknown host',
    (url) => (url.hostname = 'nowhere.invalid'),
    /^PostgreSQL cannot be found: .*"nowhere.invalid".*\.$/,
  ],
])('the migration names %s', async (_, change, sentence) => {
  expect(await startError(MIGRATE, { DATABASE_URL: databaseUrl(change) })).toMatch(sentence);
});

test('the migration names a certificate that is not trusted', async () => {
  const tls = await untrustedTls('postgres');
  const url = databaseUrl((each) => {
    each.port = String(tls.port);
    each.searchParams.set('sslmode', 'verify-full');
  });
  expect(await startError(MIGRATE, { DATABASE_URL: url })).toMatch(
    /^The certificate of PostgreSQL at .* is not trusted: name a file .* in DATABASE_URL, as &sslrootcert=.*\.$/,
  );
  await tls.close();
});

test.each(Object.entries(PROGRAMS))('%s names a port that is taken', async (name, script) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const setting = `${name.toUpperCase()}_PORT`;
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, [setting]: String(port) };
  expect(await startError(script, env)).toMatch(
    new RegExp(
      `^The ${name === 'api' ? 'API' : name} cannot listen at 127\\.0\\.0\\.1:${port}: the port is taken\\. .* ${setting}\\.$`,
    ),
  );
  holder.close();
});

test.each([
  ['dashboard', PROGRAMS.dashboard],
  ['migration', MIGRATE],
])('%s names a bad setting', async (_, script) => {
  const output = await startError(script as string, {
    DATABASE_URL: 'http://a.example',
    REDIS_URL: redis.url,
  });
  expect(output).toMatch(
    /^The configuration has 1 problem\(s\):\n {2}- DATABASE_URL="http:\/\/a\.example" must be .*$/,
  );
});

test('a worker names a providers file that is missing or wrong', async () => {
  const settings = { DATABASE_URL: database.url, REDIS_URL: redis.url, WORKER_PORT: '0' };
  const missing = path.join(dir, 'nowhere.json');
  expect(await startError(PROGRAMS.worker, { ...settings, PROVIDERS_FILE: missing })).toContain(
    `The file ${missing} of PROVIDERS_FILE does not exist: create it`,
  );
  const wrong = path.join(dir, 'wrong.json');
  writeFileSync(wrong, '[{"id":"a"}]');
  expect(await startError(PROGRAMS.worker, { ...settings, PROVIDERS_FILE: wrong })).toContain(wrong);
});
