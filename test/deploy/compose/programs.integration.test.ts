import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheDir } from '@carillon/local/layout';
import { freePort } from '@carillon/local/ports';
import { findRedis } from '@carillon/local/redis-binary';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { until } from '../../support/until.ts';
import { COMPOSE, interpolate } from './file.ts';
import { COPIED, type ImageTree, imageTree } from './image-tree.ts';
import { type ComposeRun, composeRun, IS_CONFINED, type RunningService } from './run.ts';

/**
 * The system of docker-compose.yml, from an empty database to the first message: every program by the command, the
 * environment and the health check of that file, in the files of the image, as an account that may write none of them.
 */
vi.setConfig({ testTimeout: 120_000 });

const PROGRAMS = ['api', 'worker-critical', 'worker', 'worker-bulk', 'dashboard', 'simulator'];
const PASSWORDS = {
  POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
  REDIS_PASSWORD: randomBytes(24).toString('hex'),
};
const ENV = { ...PASSWORDS, ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}` };
const name = `carillon_compose_${randomBytes(6).toString('hex')}`;

let tree: ImageTree;
let compose: ComposeRun;
let redis: { url: string; stop(): Promise<void> };
let databaseUrl: string;
const services = new Map<string, RunningService>();

beforeAll(async () => {
  tree = imageTree();
  await asAdmin(
    `create role ${name} login password '${PASSWORDS.POSTGRES_PASSWORD}'`,
    `create database ${name} owner ${name}`,
  );
  const url = new URL(inject('adminDatabaseUrl'));
  Object.assign(url, { username: name, password: PASSWORDS.POSTGRES_PASSWORD, pathname: name });
  databaseUrl = url.href;
  redis = await redisOfTheFile();
  compose = await composeRun(tree, ENV, { DATABASE_URL: databaseUrl, REDIS_URL: redis.url });
  compose.config('providers', 'deploy/compose/simulator-providers.json');
}, 120_000);
afterAll(async () => {
  for (const service of services.values()) await service.stop();
  await redis?.stop();
  await asAdmin(`drop database if exists ${name} with (force)`, `drop role if exists ${name}`);
  tree?.remove();
}, 120_000);

test('the files of the image are smaller than 250 MB together', () => {
  console.log(`the files of the image have ${Math.round(tree.size / 1e6)} MB`);
  expect(tree.size).toBeLessThan(250e6);
  expect(tree.size).toBeGreaterThan(50e6);
});

test.runIf(IS_CONFINED)('the account of the image can change none of its files', () => {
  const attempt = `
    const { accessSync, constants, globSync } = require('node:fs');
    const may = (file) => { try { accessSync(file, constants.W_OK); return true; } catch { return false; } };
    console.log(process.getuid(), globSync('/**/*', { exclude: (file) => file === '/proc' }).filter(may).join());`;
  const { status, stdout, stderr } = compose.exec('api', 'node', '-e', attempt);
  expect({ status, stderr, stdout: stdout.trim() }).toEqual({ status: 0, stderr: '', stdout: '1000 /tmp' });
});

test('every package that the sources name can be loaded from what is left of the packages', () => {
  const app = path.join(tree.root, 'app');
  const sources = COPIED.flatMap((place) => globSync(`${place}/**/*.ts`, { cwd: app })).filter(
    (file) => !/\/scripts\/|drizzle\.config|dashboard\/ui\/|packages\/inbox\//.test(file),
  );
  const names = sources.flatMap((file) =>
    [...readFileSync(path.join(app, file), 'utf8').matchAll(/(?:from |import\()'([@a-z][^':]*)'/g)].map(
      ([, name]) => name!,
    ),
  );
  const ofOthers = [...new Set(names)].filter((name) => !name.startsWith('@carillon/'));
  expect(ofOthers.length).toBeGreaterThan(30);
  const load = `for (const name of ${JSON.stringify(ofOthers)}) await import(name)`;
  const { status, stderr } = compose.exec('api', 'node', '--input-type=module', '--eval', load);
  expect(status, stderr).toBe(0);
});

test('the migration brings an empty database to the newest schema, and ends', async () => {
  const migrate = compose.start('migrate');
  expect(await migrate.exit, migrate.output()).toBe(0);
  expect(migrate.output()).toContain('the database has the newest schema');
});

test.each(PROGRAMS)('%s gets healthy by the check of the file', async (service) => {
  const started = compose.start(service);
  services.set(service, started);
  await started.healthy();
});

describe('then', () => {
  let key: string;

  test('carillon-admin makes the first app and its keys, in the container of the API', () => {
    const made = compose.exec(
      'api',
      'carillon-admin',
      'init',
      '--app',
      'Shop',
      '--owner',
      'you@acme.example',
      '--json',
    );
    expect(made.status, made.stderr).toBe(0);
    key = (JSON.parse(made.stdout) as { live_key: { key: string } }).live_key.key;
  });

  test.each([
    ['email', 'normal', { email: 'ok+compose@example.test' }, { subject: 'Hello', text: 'It works' }],
    ['sms', 'critical', { phone: '+15005550000' }, { text: '123456' }],
    ['email', 'bulk', { email: 'ok+bulk@example.test' }, { subject: 'News', text: 'It works' }],
  ])('a message by %s with priority %s reaches its provider', async (channel, priority, to, content) => {
    const send = await api('POST', '/v1/notifications', { to, channel, priority, content });
    expect(send.status, JSON.stringify(send.body)).toBe(202);
    const status = () => api('GET', `/v1/notifications/${send.body.id}`).then(({ body }) => body.status!);
    await until('the message to be sent', async () => ['sent', 'delivered'].includes(await status()), {
      timeoutMs: 60_000,
    });
  });

  test('carillon-admin finds nothing that stands in the way', () => {
    const { status, stdout, stderr } = compose.exec('api', 'carillon-admin', 'doctor', '--program', 'api');
    // 1: warnings, of which a trial on one machine has some.
    expect([0, 1], `${stdout}${stderr}`).toContain(status);
  });

  test('every program ends in order within the time that the file gives it', async () => {
    for (const [service, each] of services) {
      expect(await each.stop(), `${service}: ${each.output()}`).toBe(0);
    }
  });

  async function api(method: string, place: string, body?: object) {
    const response = await fetch(`http://127.0.0.1:${compose.port('api', 3000)}${place}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as { id?: string; status?: string } };
  }
});

/** The server that the file starts, with its arguments, at a free port. */
async function redisOfTheFile() {
  const { program, env } = findRedis(cacheDir);
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-compose-redis-'));
  const args = COMPOSE.services.redis!.command!.slice(1).map((part) => interpolate(part, ENV));
  const child = spawn(program, [...args, '--port', String(port), '--bind', '127.0.0.1', '--dir', dir], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const url = `redis://:${PASSWORDS.REDIS_PASSWORD}@127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 100, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.connect().catch(() => {});
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function asAdmin(...statements: string[]): Promise<void> {
  const admin = postgres(inject('adminDatabaseUrl'), { max: 1, onnotice: () => {} });
  try {
    for (const statement of statements) await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 5 });
  }
}
